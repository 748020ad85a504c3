import { defineConfig } from 'vitest/config';

/**
 * The file's name picks where it runs: `*.test.ts` needs nothing, `*.server.test.ts` real PostgreSQL and MariaDB
 * servers (started once for all of them), `*.simulation.test.ts` a core of its own for minutes.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{core,hosts,cli,containers,functions,infra,test,bench,demo,scripts}/**/*.test.ts'],
          exclude: ['**/*.server.test.ts', '**/*.simulation.test.ts', '**/node_modules/**'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'server',
          include: ['{core,hosts,cli,containers,functions,infra,test,bench,demo}/**/*.server.test.ts'],
          globalSetup: ['test/fixtures/servers.global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'simulation',
          include: ['test/simulation/**/*.simulation.test.ts'],
          testTimeout: 600_000,
        },
      },
    ],
  },
});
