import { describe, expect, inject, it } from 'vitest';
import { RedoParser } from '../../../../core/sources/oracle/redo/redo-parser.ts';
import type { RedoImage } from '../../../../core/sources/oracle/redo/redo-statement.ts';
import type { MinedRow } from '../../../../core/sources/oracle/mining/mined-row.ts';
import type { Session } from '../../../../core/sources/oracle/server/session.ts';
import { allRows, oneRow } from '../../../../core/sources/session.ts';
import { mine, scnOf } from '../../../fixtures/oracle-fake/mine.ts';
import { UNKNOWN_SEQUENCE } from '../../../fixtures/oracle-fake/redo-record.ts';
import { SEED } from '../contract.ts';
import { BUSY, createBusyTables, fillBusyTables, LOOSE, Workload } from '../workload.ts';
import { ORACLE_DIALECT } from './dialect.ts';
import { openFake, type OracleUnderTest } from './servers.ts';

// The fake's redo says what its tables hold: read to its end, by the plainest reader that can be, the log gives the tables as they are at
// the end's SCN, whatever the fake does that looks odd.

const NEVER = new AbortController().signal;
const TRANSACTIONS = 150;

const TESTED: readonly (readonly [string, OracleUnderTest])[] = [
  ['one instance', { type: 'oracle', extractType: 'continuousLogMiner' }],
  ['RAC', { type: 'oracleRac', extractType: 'continuousLogMiner' }],
  ['a pluggable database', { type: 'oraclePluggable', extractType: 'continuousLogMiner' }],
];

describe.each(TESTED)('%s', (_, tested) => {
  it.each([SEED, SEED + 1])('tells in its redo what its tables hold, seed %i', async (seed) => {
    const refuse = () => {
      throw new Error('there is nothing to connect');
    };
    const { database: opened, oracle } = await openFake(inject('postgres'), `replay_${seed % 2}`, tested, refuse);
    await using database = opened;
    Object.assign(oracle.log.quirks, { privateStrands: seed % 2 === 0, partialUndo: true, startsWithoutAddress: true });
    await createBusyTables(database, ORACLE_DIALECT);
    await using session = await oracle.opener()(NEVER);
    await using root = await oracle.opener(oracle.isContainerDatabase ? { container: 'CDB$ROOT' } : {})(NEVER);
    const from = await scnOf(root);
    await fillBusyTables(database, ORACLE_DIALECT);
    await using workload = await Workload.start(database, ORACLE_DIALECT, seed);
    await workload.progress(TRANSACTIONS);
    await database.admin.run('ALTER SYSTEM SWITCH LOGFILE');
    await workload.progress(TRANSACTIONS);
    await workload.finish();
    const upTo = await scnOf(root);
    for (const name of [BUSY, LOOSE]) {
      const table = database.table(name);
      const object = (await oneRow(session, { tag: 'tableObjects', tables: [table] }))[2] ?? '';
      const container = oracle.isContainerDatabase ? 'SHOP' : null;
      const rows = await mine(root, { from, upTo, objects: [object], container });
      expect(replayed(rows), name).toEqual(await held(session, table, upTo));
    }
  });
});

type Change = { readonly op: 'insert' | 'update' | 'delete'; readonly rowId: string; readonly set: RedoImage | null };

/** The rows of a table, as texts, that come of what was mined since it was empty. */
function replayed(mined: readonly MinedRow[]): string[] {
  const parser = new RedoParser('strict');
  const open = new Map<string, Change[]>();
  const rows = new Map<string, Map<string, string | null>>();
  for (const { operation, isUndo, rowId, sql, transaction, container } of joined(mined)) {
    const { segment, slot, sequence } = transaction;
    const slotId = `${container?.id} ${segment}.${slot}`;
    // A slot is used again when its transaction is over.
    if (operation === 6) open.set(slotId, []);
    const changes = open.get(slotId) ?? [];
    expect(sequence === UNKNOWN_SEQUENCE).toBe(isUndo);
    if (operation === 36) open.delete(slotId);
    if (operation === 7) {
      for (const change of changes) apply(rows, change);
      open.delete(slotId);
    }
    if (operation > 3 || rowId === null) continue;
    if (isUndo) {
      const last = changes.findLastIndex((change) => change.rowId === rowId);
      expect(last, 'what is undone was done').toBeGreaterThanOrEqual(0);
      changes.splice(last, 1);
      continue;
    }
    const statement = parser.parse(sql ?? '');
    if (statement.op === 'fault') throw new Error(`${statement.reason} at ${statement.offset}`);
    changes.push({ op: statement.op, rowId, set: statement.op === 'delete' ? null : statement.set });
    open.set(slotId, changes);
  }
  expect(open.size, 'transactions that are open').toBe(0);
  return [...rows.values()].map((row) => [...row.values()].join('|')).sort();
}

/** Statements in one piece. */
function joined(mined: readonly MinedRow[]): MinedRow[] {
  const whole: MinedRow[] = [];
  let begun = '';
  for (const row of mined) {
    if (row.continues) begun += row.sql ?? '';
    else {
      whole.push({ ...row, sql: row.sql === null ? null : begun + row.sql });
      begun = '';
    }
  }
  return whole;
}

function apply(rows: Map<string, Map<string, string | null>>, { op, rowId, set }: Change): void {
  if (op === 'delete') {
    expect(rows.delete(rowId)).toBe(true);
    return;
  }
  const row = op === 'insert' ? new Map<string, string | null>() : rows.get(rowId);
  if (row === undefined) throw new Error('an updated row is not there');
  for (const [index, name] of (set?.names ?? []).entries()) {
    const value = set?.values[index];
    row.set(name, value?.tag === 'text' ? value.text : null);
  }
  rows.set(rowId, row);
}

async function held(session: Session, table: { schema: string; name: string }, asOf: string): Promise<string[]> {
  const columns = await allRows(session, { tag: 'columns', tables: [table] });
  const read = columns.map((column) => ({
    name: column[2] ?? '',
    type:
      column[6] === 'NUMBER'
        ? ({ tag: 'number', precision: 38, scale: 0 } as const)
        : ({ tag: 'varchar', isNational: false, characters: 100 } as const),
  }));
  const rows = await allRows(session, { tag: 'rows', table, asOf, columns: read, conditions: [], orderBy: null });
  return rows.map((row) => row.join('|')).sort();
}
