import { defineConfig } from 'vitest/config';

/**
 * How long anything may take, in milliseconds: a test or hook that needs as long hangs. No test has a limit of its own, and none of its
 * waits (`test/fixtures/eventually.ts`), so that a slow or busy machine fails none.
 */
const LIMITS = { testTimeout: 600_000, hookTimeout: 600_000 };

/**
 * The file's name picks where it runs: `*.test.ts` needs nothing, `*.server.test.ts` real PostgreSQL and MariaDB
 * servers (started once for all of them), `*.browser.test.ts` those and a browser, `*.simulation.test.ts` a core of its own for minutes.
 */
export default defineConfig({
  test: {
    // Three database servers end at the end, on a machine that may be busy.
    teardownTimeout: 120_000,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{core,hosts,cli,containers,functions,infra,web,test,bench,demo,scripts}/**/*.test.ts'],
          exclude: ['**/*.server.test.ts', '**/*.simulation.test.ts', '**/*.browser.test.ts', '**/node_modules/**'],
          ...LIMITS,
        },
      },
      {
        test: {
          name: 'server',
          include: ['{core,hosts,cli,containers,functions,infra,web,test,bench,demo}/**/*.server.test.ts'],
          globalSetup: ['test/fixtures/servers.global-setup.ts'],
          ...LIMITS,
          // More than cores: these tests wait for servers more than they compute.
          maxWorkers: 3,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.browser.test.ts'],
          globalSetup: ['test/fixtures/servers.global-setup.ts', 'test/browser/console.global-setup.ts'],
          ...LIMITS,
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: 'simulation',
          include: ['test/simulation/**/*.simulation.test.ts'],
          ...LIMITS,
          testTimeout: 3_600_000,
        },
      },
    ],
  },
});
