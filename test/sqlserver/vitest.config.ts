import { defineConfig } from 'vitest/config';

/** On a SQL Server that MSSQL_URL names: scripts/test-sqlserver.mjs. */
export default defineConfig({
  test: {
    root: new URL('../../', import.meta.url).pathname,
    include: ['test/sqlserver/*.real.ts'],
    // A capture job looks at the log every five seconds.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    maxWorkers: 2,
  },
});
