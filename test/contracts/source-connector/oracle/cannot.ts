import type { SourceUnderTest } from '../source-under-test.ts';

/** Of every source of Oracle that reads logs. */
export const ORACLE_CANNOT: SourceUnderTest['cannot'] = {
  innerVersions:
    'redo logs hold no whole values of some types: these are asked for as of the commit, the only time that flashback knows of',
};
