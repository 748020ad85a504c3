import { inject } from 'vitest';
import { postgresUnderTest } from '../contracts/source-connector/postgres/contract.ts';
import { sourceConnectorContract } from '../contracts/source-connector.ts';
import { givenServer } from './given-server.ts';

const { programs, release } = givenServer();

sourceConnectorContract(`PostgreSQL ${release}`, postgresUnderTest(release, inject('givenPostgres'), programs));
