import { inject } from 'vitest';
import { pollConnectorContract } from './polled-source.ts';
import { POSTGRES_MARKS, POSTGRES_MOMENTS } from './source-connector/postgres/marks.ts';
import { sharedPostgres } from './source-connector/postgres/servers.ts';

pollConnectorContract('PostgreSQL', {
  kind: 'postgres',
  open: () => Promise.resolve(sharedPostgres(inject('postgres'))),
  ...POSTGRES_MOMENTS,
  marks: POSTGRES_MARKS,
  settled: [],
});
