import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * How long anything may take, in milliseconds: a test or hook that needs as long hangs. No test has a limit of its own, and none of its
 * waits (`test/fixtures/eventually.ts`), so that a slow or busy machine fails none.
 */
const LIMITS = { testTimeout: 600_000, hookTimeout: 600_000 };

/** Files that take a minute or more, the longest first; most of them are short to read, which is what Vitest would go by. */
const LONG = [
  /kill\.server/,
  /source-connector-(sqlserver|oracle-19c-pluggable|oracle-remote|oracle-19c\.|oracle-log-miner|postgres|mysql)/,
  /kill-sync/,
  /source-connector-/,
  /e2e\/(verify|shared-full-extract|operations-|state-machines|cost)/,
  /test\/faults\//,
  /(bench\/main|demo\/demo)\.server/,
];

/** Begins with the long ones: one that began last would be waited for alone. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const found = LONG.findIndex((pattern) => pattern.test(moduleId));
      return found === -1 ? LONG.length : found;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

const NOT_UNIT = ['**/*.server.test.ts', '**/*.simulation.test.ts', '**/*.browser.test.ts', '**/node_modules/**'];

/**
 * The file's name picks where it runs: `*.test.ts` needs nothing, `*.server.test.ts` real PostgreSQL and MariaDB
 * servers (started once for all of them), `*.browser.test.ts` those and a browser, `*.simulation.test.ts` a core of its own for minutes.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // Three database servers end at the end, on a machine that may be busy.
    teardownTimeout: 120_000,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{core,infra}/**/*.test.ts'],
          exclude: NOT_UNIT,
          ...LIMITS,
          // The core is deterministic and keeps nothing, and CDK takes seconds to load: files share a process. What they replace is put back.
          isolate: false,
          restoreMocks: true,
          unstubEnvs: true,
          unstubGlobals: true,
        },
      },
      {
        test: {
          name: 'unit-isolated',
          include: ['{hosts,cli,containers,functions,web,test,bench,demo,scripts}/**/*.test.ts'],
          exclude: NOT_UNIT,
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
