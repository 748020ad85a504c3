import { RealSession } from '../contracts/source-connector/oracle/real-session.ts';
import type { Loss } from '../contracts/source-connector/source-under-test.ts';
import type { Target } from './target.ts';

/** Archives all that is in the online logs, and removes the files. One that is gone already is passed over. */
const REMOVE_ARCHIVED_LOGS = String.raw`BEGIN
  FOR G IN (SELECT GROUP# FROM V$LOG) LOOP EXECUTE IMMEDIATE 'ALTER SYSTEM ARCHIVE LOG CURRENT'; END LOOP;
  FOR F IN (SELECT NAME FROM V$ARCHIVED_LOG WHERE STATUS = 'A' AND NAME IS NOT NULL AND STANDBY_DEST = 'NO') LOOP
    EXECUTE IMMEDIATE 'CREATE OR REPLACE DIRECTORY PENSTOCK_TEST_LOGS AS ''' || REGEXP_REPLACE(F.NAME, '[^/\]+$', '') || '''';
    BEGIN
      UTL_FILE.FREMOVE('PENSTOCK_TEST_LOGS', REGEXP_SUBSTR(F.NAME, '[^/\]+$'));
    EXCEPTION WHEN UTL_FILE.DELETE_FAILED OR UTL_FILE.INVALID_OPERATION THEN NULL;
    END;
  END LOOP;
  EXECUTE IMMEDIATE 'DROP DIRECTORY PENSTOCK_TEST_LOGS';
END;`;

/** Files on a file system alone: in ASM nothing is removed. */
export function realLosses(target: Target): Loss[] {
  return [
    {
      name: 'the files of the archived logs were removed',
      code: 'PS2006',
      lose: async () => {
        await using root = new RealSession({ target, service: target.root ?? target.database, tables: null });
        await root.run(REMOVE_ARCHIVED_LOGS);
      },
    },
  ];
}
