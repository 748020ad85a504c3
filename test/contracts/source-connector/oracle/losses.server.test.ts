import { expect, inject, it } from 'vitest';
import { allRows, oneRow } from '../../../../core/sources/session.ts';
import { serverErrorNumber } from '../../../../core/sources/oracle/errors.ts';
import { filesBehind, scnOf } from '../../../fixtures/oracle-fake/mine.ts';
import { ORACLE_LOSSES } from './losses.ts';
import { openFake } from './servers.ts';

// Each way to lose the log does to the fake what its name says.

const NEVER = new AbortController().signal;
/** Database, first change of its log, whether the first log is listed, the error at opening it. */
const LEFT: Readonly<Record<string, readonly [boolean, boolean, boolean, number | null]>> = {
  'the archived logs were deleted': [true, true, false, 1284],
  'the files of the archived logs were removed': [true, true, true, 1284],
  'the database was opened with RESETLOGS': [true, false, false, null],
  'the database was flashed back to the same SCN again': [true, true, false, null],
  'the database is a copy of what it was': [false, false, false, null],
};

it.each(ORACLE_LOSSES.map((loss) => ({ ...loss })))('$name', async (loss) => {
  const { database, oracle } = await openFake(
    inject('postgres'),
    'lost',
    { type: 'oracle', extractType: 'continuousLogMiner' },
    () => {
      throw new Error('there is nothing to connect');
    },
  );
  await using opened = database;
  await using session = await oracle.opener()(NEVER);
  const from = await scnOf(session);
  await opened.admin.run(
    'CREATE TABLE lost (id INTEGER NOT NULL, n INTEGER, PRIMARY KEY (id))',
    'ALTER SYSTEM SWITCH LOGFILE',
  );
  const [first = ''] = await filesBehind(session, from);
  const facts = async () => (await oneRow(session, { tag: 'database' })).slice(0, 3);
  const [dbid, , resetlogs] = await facts();
  await loss.lose(opened);
  const [newDbid, , newResetlogs] = await facts();
  const listed = (await allRows(session, { tag: 'logs', behind: from, destination: '1' })).some(
    ([file]) => file === first,
  );
  const error = await session
    .run({ tag: 'addLogFile', file: first, isFirst: true })
    .then(() => null, serverErrorNumber);
  expect([newDbid === dbid, newResetlogs === resetlogs, listed, error]).toEqual(LEFT[loss.name]);
});
