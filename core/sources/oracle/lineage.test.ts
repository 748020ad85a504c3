import { describe, expect, it } from 'vitest';
import { ScriptedSession, serverError, type Script } from '../../../test/fixtures/oracle-scripted/session.ts';
import { copiesLineage, readLineage, readLogLineage, requireLineage, requireReached } from './lineage.ts';
import { readRelease } from './server/database.ts';
import { readClock, serverMicroseconds } from './source-time.ts';

const NEW_YORK = [
  ...['4012345678', 'ORCL', '1920977', '2026-01-01 10:00:00', 'ARCHIVELOG', 'YES', 'NO', 'NO'],
  ...['NO', 'PRIMARY', 'READ WRITE', 'NO', 'ORCL', '0', 'INGEST', '4012345678'],
];
const PLUGGABLE = [...NEW_YORK.slice(0, 8), 'YES', ...NEW_YORK.slice(9, 12), 'PDB1', '3', 'INGEST', '77'];

function session(database: readonly string[], more: Script = {}): ScriptedSession {
  return new ScriptedSession({ database: () => [database], release: () => [['19.21.0.0.0']], ...more });
}

function refused(): never {
  throw serverError(942);
}

describe('the lineage', () => {
  it('is the database and its RESETLOGS', async () => {
    expect(await readLineage(session(NEW_YORK))).toBe('oracle/4012345678/1920977@20260101100000');
    expect(await copiesLineage(session(NEW_YORK))).toBe('oracle/4012345678/1920977@20260101100000/copies');
  });

  it('is another one where the database was opened with RESETLOGS at the same SCN again', async () => {
    const again = [...NEW_YORK.slice(0, 3), '2026-01-02 10:00:00', ...NEW_YORK.slice(4)];
    expect(await readLineage(session(again))).not.toBe(await readLineage(session(NEW_YORK)));
  });

  it('is another one where another pluggable database has the name', async () => {
    const of = (dbid: string) =>
      readLineage(session([...PLUGGABLE.slice(0, -1), dbid], { incarnation: () => [['0.1']] }));
    expect(await of('78')).not.toBe(await of('77'));
  });

  it.each(['PHYSICAL STANDBY', 'LOGICAL STANDBY'])('is not told to whoever reads the log of a %s', async (role) => {
    const standby = [...NEW_YORK.slice(0, 9), role, ...NEW_YORK.slice(10)];
    await expect(readLogLineage(session(standby))).rejects.toMatchObject({
      code: 'PS2002',
      remedy: expect.stringContaining('primary') as string,
    });
    expect(await copiesLineage(session(standby))).toContain('/copies');
    expect(await readLogLineage(session(NEW_YORK))).toBe(await readLineage(session(NEW_YORK)));
  });

  it('of a pluggable database is its incarnation too, which it can be set back to', async () => {
    const incarnation = (text: string) => readLineage(session(PLUGGABLE, { incarnation: () => [[text]] }));
    expect(await incarnation('2.1920')).toBe('oracle/4012345678/1920977@20260101100000/PDB1@77/2.1920');
    expect(await incarnation('3.2500')).not.toBe(await incarnation('2.1920'));
  });

  it('wants the right to see incarnations, where the server has them', async () => {
    await expect(readLineage(session(PLUGGABLE, { incarnation: refused }))).rejects.toMatchObject({ code: 'PS2004' });
    const old = session(PLUGGABLE, { incarnation: refused, release: () => [['12.1.0.2.0']] });
    expect(await readLineage(old)).toBe('oracle/4012345678/1920977@20260101100000/PDB1@77/');
  });

  it('of another history is PS2001', () => {
    const position = { lineage: 'oracle/1/2', order: '', resume: '' };
    expect(() => requireLineage(position, 'oracle/1/3')).toThrow('the position reached so far is of oracle/1/2');
    requireLineage(position, 'oracle/1/2');
  });

  it('of a server that was set back without RESETLOGS is PS2001, and one that is a moment behind is waited for', async () => {
    const position = { lineage: '', order: '00000000000000000500/00001/0/1:2.3.4+', resume: '' };
    const looked = async (...scns: readonly string[]) => {
      const left = [...scns];
      let pauses = 0;
      const sleep = () => {
        pauses++;
        return Promise.resolve();
      };
      const asked = session(NEW_YORK, { currentScn: () => [[(left.length > 1 ? left.shift() : left[0]) ?? '']] });
      await requireReached(asked, position, { sleep }, new AbortController().signal);
      return pauses;
    };
    expect(await looked('500')).toBe(0);
    expect(await looked('498', '499', '501')).toBe(2);
    await expect(looked('499')).rejects.toMatchObject({
      code: 'PS2001',
      message: expect.stringContaining('at SCN 500, the server is at 499 only') as string,
    });
  });

  it('that the user may not see names the GRANT', async () => {
    await expect(readLineage(session(NEW_YORK, { database: refused }))).rejects.toMatchObject({
      code: 'PS2004',
      remedy: expect.stringContaining('V_$DATABASE') as string,
    });
  });
});

it('reads the release of servers that know their update, and of older ones', async () => {
  expect(await readRelease(session(NEW_YORK))).toEqual({ text: '19.21.0.0.0', major: 19, update: 21 });
  const old = session(NEW_YORK, {
    release: ({ isFull }) => {
      if (isFull) throw serverError(904);
      return [['12.2.0.1.0']];
    },
  });
  expect(await readRelease(old)).toMatchObject({ major: 12, update: 2 });
});

it("reads the server's clock, by which its logs are dated", async () => {
  const clock = await readClock(session(NEW_YORK, { now: () => [['2026-11-21T09:00:00.123456', '-05:30']] }));
  expect(clock).toEqual({ now: '2026-11-21T09:00:00.123456Z', offset: -19_800_000_000n });
  expect(serverMicroseconds('2026-11-21 03:30:00', clock)).toBe(BigInt(Date.parse('2026-11-21T09:00:00Z')) * 1000n);
  await expect(readClock(session(NEW_YORK, { now: () => [['noon', 'UTC']] }))).rejects.toMatchObject({
    code: 'PS2008',
  });
});
