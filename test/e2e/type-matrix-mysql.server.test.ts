import { afterAll, beforeAll } from 'vitest';
import { testSource, type SourceServer } from '../fixtures/test-source.ts';
import { typeMatrix } from './type-matrix.ts';
import { mysqlTypes, ODD_SETTINGS } from './type-values-mysql.ts';

let server: SourceServer;
beforeAll(async () => {
  server = await testSource('mysql').start(ODD_SETTINGS);
});
afterAll(() => server.stop());

typeMatrix(mysqlTypes(() => server.address));
