import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SourceEvent } from '../../../core/changes/change.ts';
import type { SourcePosition } from '../../../core/changes/position.ts';
import { tableId } from '../../../core/changes/table-name.ts';
import type { TableSchema } from '../../../core/changes/table-schema.ts';
import { hasCode } from '../../../core/errors/penstock-error.ts';
import { planStructure } from '../../../core/loads/structure.ts';
import type { TableSelection } from '../../../core/sources/source-connector.ts';
import { Bench, failure, replicaOf, tellsNet, type Contract } from './contract.ts';
import {
  LogReader,
  NEVER,
  changesOf,
  copyTable,
  describeOne,
  readChunk,
  readToNow,
  select,
  transactionsOf,
} from './reading.ts';
import { sortedLines } from './replica.ts';
import type { Drift, DriftName, DriftOutcome } from './source-under-test.ts';

const OUTCOMES: Readonly<Record<DriftName, DriftOutcome>> = {
  addNullable: 'applied',
  addWithDefault: 'applied',
  widen: 'applied',
  narrow: 'stopped',
  dropColumn: 'stopped',
  renameColumn: 'stopped',
  dropAndAddColumn: 'stopped',
  swapColumnNames: 'stopped',
  changeKey: 'stopped',
  renameTable: 'stopped',
  dropAndCreateTable: 'stopped',
};
const FIRST = { id: '100', name: 'name 100', title: 'title 100', n: '100', price: '1.25' };

/** The structure changes: what is safe is applied, anything else stops the table, and no row is read by a wrong structure. */
export function driftCases(contract: Contract): void {
  describe('changes of structure', () => {
    let bench: Bench;
    beforeAll(async () => {
      bench = await Bench.open(contract.shared(), 'drift');
    });
    afterAll(() => bench[Symbol.asyncDispose]());

    const drifts: [string, Drift, DriftOutcome][] = [
      ...Object.entries(OUTCOMES).map(([name, outcome]): [string, Drift, DriftOutcome] => [
        name,
        contract.source.drifts[name as DriftName],
        outcomeOf(name as DriftName, outcome),
      ]),
      ...Object.entries(contract.source.ownDrifts).map(([name, drift]): [string, Drift, DriftOutcome] => [
        name,
        drift,
        drift.outcome,
      ]),
    ];

    describe.each(drifts)('%s', (_, drift, outcome) => {
      it('read when all is over', async () => {
        const { table, before, start } = await begin(drift);
        await bench.run(insertOf('drift', FIRST));
        await change(drift);
        const { events, reached } = await readToNow(bench.source, start, [table]);
        await judge({ drift, outcome, table, before, events, reached });
        if (outcome === 'stopped') await copyAnew(table, start);
      });

      it('read while it happens', async () => {
        const { table, before, start } = await begin(drift);
        await using reader = await LogReader.open(bench.source, start, [table]);
        await bench.run(insertOf('drift', FIRST));
        await reader.readTo(await bench.source.currentPosition(NEVER));
        expect(changesOf(reader.events)).toHaveLength(1);
        await change(drift);
        await reader.readTo(await bench.source.currentPosition(NEVER));
        await judge({ drift, outcome, table, before, events: reader.events, reached: reader.reached });
      });
    });

    it('goes on with the other tables when one stops', async () => {
      const { table, start } = await begin({});
      const other = select(bench.database, 'drift_other');
      const both = [table, other];
      await bench.source.prepare(both, start, NEVER, new Set(both.map(({ table: name }) => tableId(name))));
      const drift = contract.source.drifts.renameTable;
      await bench.run(
        ...drift.ddl,
        insertOf(drift.into ?? 'drift', drift.insert),
        `INSERT INTO drift_other (id) VALUES (1)`,
      );
      const { events } = await readToNow(bench.source, start, both);
      expect(changesOf(events, 'drift_other').map(({ after }) => after)).toEqual([['1']]);
    });

    function outcomeOf(name: DriftName, outcome: DriftOutcome): DriftOutcome {
      if (contract.source.drifts[name].refused !== undefined) return 'applied';
      return name in contract.source.cannot ? 'stopped' : outcome;
    }

    async function change({ ddl, refused, into, insert }: Drift): Promise<void> {
      if (refused === undefined) await bench.run(...ddl);
      else expect(await failure(bench.run(...ddl)), refused).toBeInstanceOf(Error);
      await bench.run(insertOf(into ?? 'drift', insert));
    }

    async function begin({
      choices,
    }: Pick<Drift, 'choices'>): Promise<{ table: TableSelection; before: TableSchema; start: SourcePosition }> {
      await bench.source.teardown(NEVER);
      await bench.run(
        'DROP TABLE IF EXISTS drift',
        'DROP TABLE IF EXISTS drift_elsewhere',
        'DROP TABLE IF EXISTS drift_other',
        'CREATE TABLE drift (id INTEGER NOT NULL, name VARCHAR(20), title VARCHAR(20), n INTEGER, price DECIMAL(6,2), PRIMARY KEY (id))',
        'CREATE TABLE drift_other (id INTEGER NOT NULL, PRIMARY KEY (id))',
        `INSERT INTO drift (id, name, title, n, price) VALUES (1, 'name 1', 'title 1', 1, 1.25)`,
      );
      const table = select(bench.database, 'drift', choices ?? {});
      const start = await bench.source.prepare([table], null, NEVER);
      return { table, before: await describeOne(bench.source, table), start };
    }

    /** A table that was stopped is copied anew, while the log is still read from before all that: what comes behind the copy must come. */
    async function copyAnew(table: TableSelection, start: SourcePosition): Promise<void> {
      const present = await bench.source.describeTables([table], NEVER).catch(() => null);
      if (present === null) return;
      const schema = present[0]!;
      const replica = replicaOf(contract, schema);
      await bench.source.prepare([table], start, NEVER, new Set([tableId(table.table)]));
      const order = await (async () => {
        await using snapshot = await bench.source.openSnapshot({ tables: [table], readers: 1 }, NEVER);
        replica.load((await readChunk(snapshot, table, schema)).rows);
        return snapshot.position.order;
      })();
      await bench.run(
        `INSERT INTO drift (id, n) VALUES (200, 200), (201, 201)`,
        'UPDATE drift SET n = 202 WHERE id = 201',
        'DELETE FROM drift WHERE id = 1',
      );
      const { events } = await readToNow(bench.source, start, [table]);
      replica.applyBehind([{ range: { tag: 'whole' }, order }], transactionsOf(events));
      const again = await copyTable(bench.source, table);
      expect(replica.lines(), 'copied anew').toEqual(sortedLines(again.rows));
    }

    async function judge(read: Read): Promise<void> {
      const { drift, outcome, table, before, events, reached } = read;
      if (tellsNet(contract)) await checkNetRows(bench, drift, events);
      else checkRows(drift, events);
      const stop = whyStopped(before, events) ?? (await whyRefused(bench, table, reached));
      if (outcome === 'stopped') {
        expect(stop, 'it must not pass').not.toBeNull();
        return;
      }
      expect(stop).toBeNull();
      expect(changesOf(events)).toHaveLength(2);
      const last = changesOf(events)[1]!.schema;
      expect(last.fingerprint).toBe((await describeOne(bench.source, table)).fingerprint);
      for (const column of last.columns) {
        if (before.columns.some(({ name }) => name === column.name)) continue;
        const old = await bench.database.admin.rows(`SELECT ${column.name} FROM drift WHERE id = 1`);
        expect(column.backfill, `what older rows have in ${column.name}`).toBe(old[0]![0]);
      }
    }
  });
}

interface Read {
  readonly drift: Drift;
  readonly outcome: DriftOutcome;
  readonly table: TableSelection;
  readonly before: TableSchema;
  readonly events: readonly SourceEvent[];
  readonly reached: SourcePosition;
}

/** Each row's values, by the names of its own structure, are those that were written. */
function checkRows(drift: Drift, events: readonly SourceEvent[]): void {
  for (const { schema, after, misfit } of changesOf(events)) {
    const id = after?.[schema.columns.findIndex(({ name }) => name === 'id')];
    if (id !== FIRST.id && id !== drift.insert['id']) continue;
    const expected: Readonly<Record<string, string>> = id === FIRST.id ? FIRST : { ...drift.shown, ...drift.insert };
    expect(misfit).toBeNull();
    for (const [ordinal, { name }] of schema.columns.entries()) {
      const isMasked = drift.choices?.mask?.includes(name) === true;
      expect(`${name}: ${after?.[ordinal]}`).toBe(`${name}: ${isMasked ? null : (expected[name] ?? null)}`);
    }
  }
}

/** The same where the log tells rows as they are when it is read: as they were written, or as the source has them now in these columns. */
async function checkNetRows(bench: Bench, drift: Drift, events: readonly SourceEvent[]): Promise<void> {
  for (const { schema, after, misfit } of changesOf(events)) {
    const names = schema.columns.map(({ name }) => name);
    const value = after?.[names.indexOf('id')];
    expect(misfit).toBeNull();
    const written = [FIRST, drift.insert].find((row: Readonly<Record<string, string>>) => row['id'] === value);
    if (written === undefined || names.every((name, ordinal) => after?.[ordinal] === valueOf(drift, written, name)))
      continue;
    const masked = (name: string) => (drift.choices?.mask?.includes(name) === true ? 'NULL' : name);
    const columns = names.map(masked).join(', ');
    const [now] = await bench.database.admin.rows(
      `SELECT ${columns} FROM ${drift.into ?? 'drift'} WHERE id = ${value}`,
    );
    expect(after).toEqual(now);
  }
}

function valueOf(drift: Drift, row: Readonly<Record<string, string>>, name: string): string | null {
  if (drift.choices?.mask?.includes(name) === true) return null;
  return { ...(row === FIRST ? {} : drift.shown), ...row }[name] ?? null;
}

/** As core/loads does it: each structure against the one before it. */
function whyStopped(before: TableSchema, events: readonly SourceEvent[]): string | null {
  let has = before;
  for (const event of events) {
    if (event.tag === 'obstacle') return event.reason;
    if (event.tag !== 'schema') continue;
    const plan = planStructure(has, event.schema);
    if (plan.tag === 'unsafe') return plan.reason;
    has = event.schema;
  }
  return null;
}

/** What is not seen in the log must be seen at the next start. */
async function whyRefused(bench: Bench, table: TableSelection, reached: SourcePosition): Promise<string | null> {
  try {
    await bench.source.describeTables([table], NEVER);
    await bench.source.prepare([table], reached, NEVER);
    return null;
  } catch (error) {
    if (hasCode(error, 'PS1005', 'PS2005', 'PS2011')) return error.message;
    throw error;
  }
}

function insertOf(table: string, row: Readonly<Record<string, string>>): string {
  const values = Object.values(row).map((value) => `'${value}'`);
  return `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${values.join(', ')})`;
}
