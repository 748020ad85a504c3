import type { DatabaseUnderTest, Loss } from '../source-under-test.ts';

interface OracleLoss extends Loss {
  /** Needs no look at the server. */
  lose(database: DatabaseUnderTest): Promise<void>;
}

/** Ways to lose the log, by what an administrator of the fake writes. */
export const ORACLE_LOSSES: readonly OracleLoss[] = [
  {
    name: 'the archived logs were deleted',
    code: 'PS2006',
    lose: ({ admin }) => admin.run('DELETE NOPROMPT ARCHIVELOG ALL'),
  },
  {
    name: 'the files of the archived logs were removed',
    code: 'PS2006',
    lose: ({ admin }) => admin.run('HOST RM /ARCH/*'),
  },
  {
    name: 'the database was opened with RESETLOGS',
    code: 'PS2001',
    lose: ({ admin }) => admin.run('ALTER DATABASE OPEN RESETLOGS'),
  },
  {
    name: 'the database was flashed back to the same SCN again',
    code: 'PS2001',
    lose: ({ admin }) => admin.run('FLASHBACK DATABASE TO BEFORE RESETLOGS; ALTER DATABASE OPEN RESETLOGS'),
  },
  {
    name: 'the database is a copy of what it was',
    code: 'PS2001',
    lose: ({ admin }) => admin.run('RMAN DUPLICATE DATABASE'),
  },
];
