import { defineConfig } from 'vitest/config';
import { givenOwnTarget } from './given-target.ts';

/** What ends with a log that is gone, or needs another database: for ORACLE_OWN_URL alone. */
const NEEDS_A_SERVER_OF_ITS_OWN = /^(?!.*a log that is lost)/;

/** On an Oracle that ORACLE_URL names: scripts/test-oracle.mjs. */
export default defineConfig({
  test: {
    root: new URL('../../', import.meta.url).pathname,
    include: ['test/oracle/*.real.ts'],
    ...(givenOwnTarget() === null ? { testNamePattern: NEEDS_A_SERVER_OF_ITS_OWN } : {}),
    // Each look at the logs takes LogMiner a second or more.
    testTimeout: 1_200_000,
    hookTimeout: 1_200_000,
    maxWorkers: 2,
  },
});
