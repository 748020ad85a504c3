import { inject } from 'vitest';
import { pollConnectorContract } from './polled-source.ts';
import { MYSQL_MARKS, MYSQL_MOMENTS } from './source-connector/mysql/marks.ts';
import { MARIADB } from './source-connector/mysql/release.ts';
import { sharedMysql } from './source-connector/mysql/servers.ts';

pollConnectorContract('MySQL (on MariaDB)', {
  kind: 'mysql',
  open: () => Promise.resolve(sharedMysql(inject('mariadb'), MARIADB)),
  ...MYSQL_MOMENTS,
  marks: MYSQL_MARKS,
  settled: [],
});
