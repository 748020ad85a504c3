import { describe, expect, inject, it } from 'vitest';
import {
  INTEGER,
  keyedPart,
  schemaOf,
  step,
  targetFor,
  testDestination,
  text,
  TEXT,
  type TableShape,
  type TestDestination,
} from '../../../test/fixtures/destination-tables.ts';
import { Random } from '../../../test/fixtures/random.ts';
import type { RowChange } from '../../changes/change.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import { timestampFromMicroseconds, type Timestamp } from '../../changes/timestamp.ts';
import { hasCode } from '../../errors/penstock-error.ts';
import { ExtractBuffer } from '../../extracts/extract-buffer.ts';
import { encodeLines } from '../../extracts/part-encoding.ts';
import type { CollectedReplay, MergePart } from '../destination.ts';
import type { TargetTable } from '../target-table.ts';

/**
 * Random changes are applied extract by extract; a replay from any of them must leave every row, version and date as it is:
 * values that the source did not send, changed keys, keys that are used again, truncates, columns that were added on the way.
 * Then rows are spoiled, and a replay mends those that its extracts have something to say about.
 */

const SEED = Number(process.env['PENSTOCK_SEED'] ?? 1);
const never = new AbortController().signal;
const EXTRACTS = 14;
const KEYS = 12;
const OLD: TableShape = { columns: { id: INTEGER, name: text(40), large: TEXT }, key: ['id'] };
const NEW: TableShape = {
  columns: { ...OLD.columns, added: text(20) },
  key: ['id'],
  backfill: { added: "be'fore" },
};
const AT = Date.UTC(2026, 10, 21, 9);
const timestampOf = (milliseconds: number): Timestamp => timestampFromMicroseconds(BigInt(milliseconds) * 1000n);

type Row = Record<string, string | null>;

/** Rows at a source whose log leaves out large values that an update did not change. */
class RandomSource {
  readonly #random: Random;
  readonly #rows = new Map<string, Row>();
  #schema = schemaOf(OLD);
  #value = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Gets a column more. */
  alter(): void {
    this.#schema = schemaOf(NEW);
    for (const row of this.#rows.values()) row['added'] = "be'fore";
  }

  get schema(): TableSchema {
    return this.#schema;
  }

  /** Changes of one extract; `truncate` is called where the table is emptied. */
  fill(buffer: ExtractBuffer, extract: number): void {
    const changes = this.#random.below(14);
    for (let index = 0; index < changes; index++) {
      // Clocks go back now and then, and two commits may have one time.
      const at = timestampOf(AT + extract * 1000 + this.#random.below(3) * 100 - this.#random.below(2) * 50);
      if (this.#random.chance(0.02)) {
        this.#rows.clear();
        buffer.truncate(this.#schema.table, this.#schema, at);
      } else buffer.add(this.#change(), at, '');
    }
  }

  #change(): RowChange {
    const id = String(this.#random.below(KEYS));
    const stood = this.#rows.get(id);
    if (stood === undefined) return this.#insert(id);
    if (this.#random.chance(0.25)) {
      this.#rows.delete(id);
      return this.#made('delete', stood, null, []);
    }
    const to = String(this.#random.below(KEYS));
    const moves = this.#random.chance(0.4) && !this.#rows.has(to);
    const row: Row = { ...stood, name: this.#next() };
    const changesLarge = this.#random.chance(0.3);
    if (changesLarge) row['large'] = this.#next();
    if (moves) {
      this.#rows.delete(id);
      row['id'] = to;
    }
    this.#rows.set(row['id'] ?? '', row);
    return this.#made('update', moves ? stood : null, row, changesLarge ? [] : ['large']);
  }

  #insert(id: string): RowChange {
    const row: Row = { id, name: this.#next(), large: this.#random.chance(0.1) ? null : this.#next() };
    if (this.#schema.columns.length > 3) row['added'] = this.#next();
    this.#rows.set(id, row);
    return this.#made('insert', null, row, []);
  }

  #made(op: RowChange['op'], before: Row | null, after: Row | null, absent: readonly string[]): RowChange {
    const { columns } = this.#schema;
    return {
      schema: this.#schema,
      op,
      before: before === null ? null : columns.map(({ name }) => (name === 'id' ? before['id'] : undefined)),
      after:
        after === null ? null : columns.map(({ name }) => (absent.includes(name) ? undefined : (after[name] ?? null))),
      misfit: null,
    };
  }

  #next(): string {
    return `value\t${this.#value++}`;
  }
}

interface World {
  readonly t: TestDestination;
  readonly target: TargetTable;
  /** The parts of extract n at index n − 1. */
  readonly extracts: readonly (readonly MergePart[])[];
}

async function world(t: TestDestination, transfer: 'mirror' | 'history', random: Random): Promise<World> {
  const { destination, settings } = t;
  const [before, target] = [targetFor(settings, { ...OLD, transfer }), targetFor(settings, { ...NEW, transfer })];
  await destination.takeLedger('billing', 1, never);
  await destination.createTable(before, never);
  const source = new RandomSource(random);
  const buffer = new ExtractBuffer(() => ({ transfer, maxUpdates: null }));
  const extracts: MergePart[][] = [];
  const alteredAt = 2 + random.below(EXTRACTS);
  for (let extract = 1; extract <= EXTRACTS; extract++) {
    if (extract === alteredAt) {
      source.alter();
      await destination.applyStructure(target, { tag: 'add', column: 'added' }, never);
    }
    source.fill(buffer, extract);
    const parts = buffer.seal().map((part): MergePart => {
      const { bytes, rows, hasAbsent } = encodeLines(extract, part.schema, part.compaction);
      return {
        target: extract < alteredAt ? before : target,
        columns: part.schema.columns.map(({ name }) => name),
        truncatedAt: part.truncatedAt,
        rows,
        hasAbsent,
        open: async function* () {
          yield await Promise.resolve(bytes);
        },
        misfits: [],
      };
    });
    buffer.restart();
    await destination.merge(step(extract, parts), never);
    extracts.push(parts.map((part) => ({ ...part, target })));
  }
  if (alteredAt > EXTRACTS) await destination.applyStructure(target, { tag: 'add', column: 'added' }, never);
  return { t, target, extracts };
}

async function begin({ t }: World, from: number): Promise<void> {
  const start = { pipeline: 'billing', epoch: 1, tables: [{ table: 'public.t', from, upTo: EXTRACTS }] };
  await t.destination.beginReplays(start, never);
}

async function collect(made: World, extract: number): Promise<void> {
  const { t, target, extracts } = made;
  const parts = extracts[extract - 1] ?? [];
  const replay = { pipeline: 'billing', epoch: 1, extract, next: await nextOf(made), target, parts };
  if (parts.length > 0) await t.destination.replay(replay, never);
}

async function replay(made: World, from: number): Promise<unknown> {
  await begin(made, from);
  for (let extract = from; extract <= EXTRACTS; extract++) await collect(made, extract);
  return made.t.destination.finishReplay(await endOf(made), never);
}

async function nextOf({ t }: World): Promise<number> {
  return (await t.destination.ledger('billing', never)).replays.get('public.t')?.next ?? 0;
}

async function endOf(made: World): Promise<CollectedReplay> {
  return { pipeline: 'billing', epoch: 1, target: made.target, next: await nextOf(made) };
}

const rowsOf = ({ t, target }: World): Promise<unknown[]> =>
  t.sql(`SELECT * FROM t ORDER BY id${target.keeping.tag === 'history' ? ', __seq' : ''}`);

describe.each(['mirror', 'history'] as const)('a replay of a %s', (transfer) => {
  it('leaves everything as it is, from whichever extract', async () => {
    for (let seed = SEED; seed < SEED + 6; seed++) {
      await using t = await testDestination(inject('mariadb'), `replay_${transfer}`);
      const made = await world(t, transfer, new Random(seed));
      const rows = await rowsOf(made);
      for (let from = EXTRACTS; from >= 1; from -= 1 + (from % 3)) {
        const mended = await replay(made, from);
        expect(await rowsOf(made), `seed ${seed}, from ${from}`).toEqual(rows);
        expect(mended, `seed ${seed}, from ${from}`).toEqual({ inserts: 0, updates: 0, deletes: 0 });
      }
      expect((await t.destination.ledger('billing', never)).tables.get('public.t')).toBe(EXTRACTS);
    }
  });

  it('mends what was spoiled, as far as the extracts know it', async () => {
    for (let seed = SEED + 100; seed < SEED + 106; seed++) {
      await using t = await testDestination(inject('mariadb'), `replay_${transfer}`);
      const made = await world(t, transfer, new Random(seed));
      const rows = await rowsOf(made);
      // From the first extract on, all values are known.
      await t.sql('DELETE FROM t WHERE id % 3 = 0');
      await t.sql("UPDATE t SET name = 'spoiled' WHERE id % 3 = 1");
      if (transfer === 'history') {
        await t.sql("UPDATE t SET valid_to = '9999-12-31' WHERE id % 2 = 0");
        await t.sql("INSERT IGNORE INTO t SELECT id, 'doubled', NULL, NULL, valid_from, valid_to, __seq + 1000 FROM t");
      } else await t.sql("INSERT INTO t VALUES (1000, 'never there', NULL, NULL)").catch(() => undefined);
      await replay(made, 1);
      if (transfer === 'mirror') await t.sql('DELETE FROM t WHERE id = 1000');
      expect(await rowsOf(made), `seed ${seed}`).toEqual(rows);
    }
  });
});

it('refuses to guess a value that only a lost row had', async () => {
  await using t = await testDestination(inject('mariadb'), 'replay_refused');
  const target = targetFor(t.settings, OLD);
  await t.destination.takeLedger('billing', 1, never);
  await t.destination.createTable(target, never);
  const values = { id: '1', name: 'a', large: 'large' };
  await t.destination.merge(step(1, [keyedPart(target, [{ op: 'U', values }])]), never);
  const changed = keyedPart(target, [{ op: 'U', values: { id: '2', name: 'b' }, absent: ['large'], origin: ['1'] }]);
  await t.destination.merge(step(2, [changed]), never);
  await t.sql('DELETE FROM t WHERE id = 2');
  const made: World = { t, target, extracts: [[], [changed]] };
  const start = { pipeline: 'billing', epoch: 1, tables: [{ table: 'public.t', from: 2, upTo: 2 }] };
  await t.destination.beginReplays(start, never);
  await collect(made, 2);
  const error: unknown = await t.destination.finishReplay(await endOf(made), never).catch((thrown: unknown) => thrown);
  expect(hasCode(error, 'PS4007') && error.table, String(error)).toBe('public.t');
  expect(await t.sql('SELECT id FROM t')).toEqual([{ id: 1 }]);
});

describe('a replay that is interrupted', () => {
  it('goes on from where it was: no extract is collected twice, and the table is untouched until the end', async () => {
    await using t = await testDestination(inject('mariadb'), 'replay_again');
    const made = await world(t, 'mirror', new Random(SEED));
    const rows = await rowsOf(made);
    await begin(made, 2);
    for (let extract = 2; extract <= 8; extract++) await collect(made, extract);
    for (let extract = 2; extract <= 5; extract++) await collect(made, extract);
    expect(await rowsOf(made)).toEqual(rows);
    for (let extract = 6; extract <= EXTRACTS; extract++)
      await collect({ ...made, t: { ...t, destination: t.again() } }, extract);
    const end = await endOf(made);
    expect(await t.destination.finishReplay(end, never)).toEqual({ inserts: 0, updates: 0, deletes: 0 });
    expect(await rowsOf(made)).toEqual(rows);
    const error: unknown = await t.destination.finishReplay(end, never).catch((thrown: unknown) => thrown);
    expect(hasCode(error, 'PS4011')).toBe(true);
  });

  it('begins anew where what it had collected is gone, and is fenced', async () => {
    await using t = await testDestination(inject('mariadb'), 'replay_lost');
    const made = await world(t, 'history', new Random(SEED));
    await begin(made, 3);
    for (let extract = 3; extract <= 9; extract++) await collect(made, extract);
    await t.sql('DROP TABLE t__replay');
    const lost: unknown = await replayRest(made, 10).catch((thrown: unknown) => thrown);
    expect(hasCode(lost, 'PS4010'), String(lost)).toBe(true);
    const { replays } = await t.destination.ledger('billing', never);
    expect(replays.get('public.t')).toEqual({ from: 3, next: 3 });
    await t.destination.takeLedger('billing', 2, never);
    const fenced: unknown = await replayRest(made, 3).catch((thrown: unknown) => thrown);
    expect(hasCode(fenced, 'PS4006'), String(fenced)).toBe(true);
  });

  it('is begun once more by a start that arrives late: who goes on notices, and no mark goes back', async () => {
    await using t = await testDestination(inject('mariadb'), 'replay_late');
    const made = await world(t, 'history', new Random(SEED));
    const rows = await rowsOf(made);
    await begin(made, 3);
    for (let extract = 3; extract <= 9; extract++) await collect(made, extract);
    const stood = await endOf(made);
    await begin(made, 3);
    const step = { ...stood, extract: 10, parts: made.extracts[9] ?? [] };
    for (const going of [t.destination.replay(step, never), t.destination.finishReplay(stood, never)]) {
      const error: unknown = await going.catch((thrown: unknown) => thrown);
      expect(hasCode(error, 'PS4010'), String(error)).toBe(true);
    }
    await replayRest(made, 3);
    expect(await rowsOf(made)).toEqual(rows);
    const last = { ...stood, extract: EXTRACTS + 1, pipelineMark: { from: EXTRACTS }, tableMarks: [], parts: [] };
    await t.destination.merge({ ...last, tableMarks: [{ table: 'public.t', applied: null }] }, never);
    const late: unknown = await begin(made, 3).catch((thrown: unknown) => thrown);
    expect(hasCode(late, 'PS4010'), String(late)).toBe(true);
    expect((await t.destination.ledger('billing', never)).tables.size).toBe(0);
  });

  it('is given up without a trace', async () => {
    await using t = await testDestination(inject('mariadb'), 'replay_dropped');
    const made = await world(t, 'mirror', new Random(SEED));
    const rows = await rowsOf(made);
    await begin(made, 3);
    for (let extract = 3; extract <= 9; extract++) await collect(made, extract);
    const end = { pipeline: 'billing', epoch: 1, target: made.target };
    await t.destination.dropReplay(end, never);
    await t.destination.dropReplay(end, never);
    expect((await t.destination.ledger('billing', never)).replays.size).toBe(0);
    expect(await t.sql("SHOW TABLES LIKE 't\\_\\_replay'")).toEqual([]);
    expect(await rowsOf(made)).toEqual(rows);
  });
});

async function replayRest(made: World, from: number): Promise<void> {
  for (let extract = from; extract <= EXTRACTS; extract++) await collect(made, extract);
  await made.t.destination.finishReplay(await endOf(made), never);
}
