import { defineConfig } from 'vitest/config';

/**
 * The file's name picks where it runs: `*.test.ts` needs nothing, `*.server.test.ts` real PostgreSQL and MariaDB
 * servers (started once for all of them), `*.browser.test.ts` those and a browser, `*.simulation.test.ts` a core of its own for minutes.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{core,hosts,cli,containers,functions,infra,web,test,bench,demo,scripts}/**/*.test.ts'],
          exclude: ['**/*.server.test.ts', '**/*.simulation.test.ts', '**/*.browser.test.ts', '**/node_modules/**'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'server',
          include: ['{core,hosts,cli,containers,functions,infra,web,test,bench,demo}/**/*.server.test.ts'],
          globalSetup: ['test/fixtures/servers.global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // More than cores: these tests wait for servers more than they compute.
          maxWorkers: 3,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.browser.test.ts'],
          globalSetup: ['test/fixtures/servers.global-setup.ts', 'test/browser/console.global-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 1,
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
