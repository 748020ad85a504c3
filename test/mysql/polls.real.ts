import { inject } from 'vitest';
import { MYSQL_MARKS, MYSQL_MOMENTS } from '../contracts/source-connector/mysql/marks.ts';
import { sharedMysql } from '../contracts/source-connector/mysql/servers.ts';
import { pollConnectorContract } from '../contracts/polled-source.ts';
import { givenRelease } from './given-server.ts';

pollConnectorContract(`MySQL ${givenRelease().version.join('.')}`, {
  kind: 'mysql',
  open: () => Promise.resolve(sharedMysql(inject('mysqlWithoutLog'), givenRelease())),
  ...MYSQL_MOMENTS,
  marks: MYSQL_MARKS,
  settled: [],
});
