import { defineConfig } from 'vitest/config';

/** On a PostgreSQL that POSTGRES_BIN has: scripts/test-postgres.mjs. */
export default defineConfig({
  test: {
    root: new URL('../../', import.meta.url).pathname,
    include: ['test/postgres/*.real.ts'],
    globalSetup: ['test/postgres/servers.global-setup.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    maxWorkers: 2,
  },
});
