import { inject } from 'vitest';
import { pollConnectorContract } from '../contracts/polled-source.ts';
import { POSTGRES_MARKS, POSTGRES_MOMENTS } from '../contracts/source-connector/postgres/marks.ts';
import { sharedPostgres } from '../contracts/source-connector/postgres/servers.ts';
import { givenServer } from './given-server.ts';

pollConnectorContract(`PostgreSQL ${givenServer().release}`, {
  kind: 'postgres',
  open: () => Promise.resolve(sharedPostgres(inject('givenPostgres'))),
  ...POSTGRES_MOMENTS,
  marks: POSTGRES_MARKS,
  settled: [],
});
