import { defineConfig } from 'vitest/config';

/** On a MySQL that MYSQLD starts: scripts/test-mysql.mjs. */
export default defineConfig({
  test: {
    root: new URL('../../', import.meta.url).pathname,
    include: ['test/mysql/*.real.ts'],
    globalSetup: ['test/mysql/servers.global-setup.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    maxWorkers: 2,
  },
});
