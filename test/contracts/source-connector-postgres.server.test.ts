import { inject } from 'vitest';
import { postgresUnderTest } from './source-connector/postgres/contract.ts';
import { BUNDLED } from './source-connector/postgres/release.ts';
import { sourceConnectorContract } from './source-connector.ts';

sourceConnectorContract('PostgreSQL', postgresUnderTest(BUNDLED, inject('postgres')));
