import { expect, inject, it } from 'vitest';
import { openFake, type OracleUnderTest } from '../../../test/contracts/source-connector/oracle/servers.ts';
import { copyTable, describeOne, LogReader, NEVER, select } from '../../../test/contracts/source-connector/reading.ts';
import { Random } from '../../../test/fixtures/random.ts';
import type { RowChange, SourceEvent } from '../../changes/change.ts';
import type { SourcePosition } from '../../changes/position.ts';
import { oracleConnector } from './definition.ts';

const seed = Number(process.env['SEED'] ?? 20_267);
const STEPS = 40;

const TESTED: readonly (readonly [string, OracleUnderTest])[] = [
  ['Oracle 19c', { type: 'oracle19c', extractType: 'continuousLogMiner' }],
  ['Continuous Log Miner of 18c', { type: 'oracle', extractType: 'continuousLogMiner', release: '18.3.0.0.0' }],
  ['Log Miner', { type: 'oracle', extractType: 'logMiner' }],
  ['Remote Log Miner', { type: 'oracle', extractType: 'remoteLogMiner' }],
  ['RAC, Continuous Log Miner', { type: 'oracleRac', extractType: 'continuousLogMiner' }],
];

type Row = Readonly<Record<string, string | null>>;

/** A destination that follows the structures that it is told. */
class Followed {
  readonly position: SourcePosition;
  readonly columns: ReadonlySet<string>;
  readonly rows: ReadonlyMap<string, Row>;

  constructor(position: SourcePosition, columns: ReadonlySet<string>, rows: ReadonlyMap<string, Row>) {
    [this.position, this.columns, this.rows] = [position, columns, rows];
  }

  /** As it is behind some events, which end with a whole transaction. */
  behind(events: readonly SourceEvent[], position: SourcePosition): Followed {
    const [columns, rows] = [new Set(this.columns), new Map(this.rows)];
    for (const event of events) {
      if (event.tag === 'obstacle') throw new Error(event.reason);
      if (event.tag === 'truncate') rows.clear();
      if (event.tag === 'schema')
        for (const { name, backfill, backfillUnknown } of event.schema.columns) {
          if (columns.has(name)) continue;
          expect(backfillUnknown, `older values of ${name}`).toBeUndefined();
          columns.add(name);
          for (const [id, row] of rows) rows.set(id, { ...row, [name]: backfill });
        }
      if (event.tag === 'row') change(rows, event.change);
    }
    return new Followed(position, columns, rows);
  }

  get lines(): string[] {
    return [...this.rows.values()].map((row) => JSON.stringify(Object.entries(row).sort())).sort();
  }
}

function change(rows: Map<string, Row>, { schema, before, after, misfit }: RowChange): void {
  expect(misfit).toBeNull();
  const key = schema.columns.findIndex(({ name }) => name === 'id');
  const old = before?.[key] ?? after?.[key] ?? '';
  const row = rows.get(old) ?? {};
  rows.delete(old);
  if (after === null) return;
  const told = schema.columns.flatMap(({ name }, place) => {
    const value = after[place];
    return value === undefined ? [] : [[name, value] as const];
  });
  rows.set(after[key] ?? '', { ...row, ...(Object.fromEntries(told) as Row) });
}

const TYPES: readonly (readonly [type: string, literals: readonly string[]])[] = [
  ['NUMBER', ['-12.5', '0', '1e20', '7']],
  ['VARCHAR2(20)', [`'it''s ☃'`, `'x'`, `'COL 1'`]],
  ['DATE', [`DATE '2024-02-29'`, `DATE '1999-12-31'`]],
  ['NUMBER(6,2)', ['1.25', '-9999.99']],
  ['NVARCHAR2(10)', [`'né'`]],
  ['RAW(8)', [`HEXTORAW('00ff')`]],
  ['CHAR(3)', [`'a'`]],
];
const WITH_DEFAULT = 4;

/** What users do to the table `t`, by chance. */
class Users {
  readonly #random: Random;
  readonly #columns: { readonly name: string; readonly literals: readonly string[] }[] = [];
  #ids: number[] = [];
  #next = 1;

  constructor(random: Random) {
    this.#random = random;
  }

  step(): string[] {
    const kind = this.#random.below(12);
    if (kind < 7) {
      const changes = Array.from({ length: 1 + this.#random.below(4) }, () => this.#change());
      return changes.length === 1 ? changes : ['BEGIN', ...changes, 'COMMIT'];
    }
    if (kind < 9) return [this.#addColumns()];
    return [this.#other()];
  }

  #change(): string {
    const kind = this.#random.below(8);
    if (this.#ids.length === 0 || kind < 3) return this.#insert();
    const id = this.#random.pick(this.#ids);
    if (kind === 3) {
      this.#ids = this.#ids.filter((one) => one !== id);
      return `DELETE FROM t WHERE id = ${id}`;
    }
    if (kind === 4) {
      this.#ids = [...this.#ids.filter((one) => one !== id), this.#next];
      return `UPDATE t SET id = ${this.#next++} WHERE id = ${id}`;
    }
    if (this.#columns.length === 0) return this.#insert();
    const { name, literals } = this.#random.pick(this.#columns);
    return `UPDATE t SET ${name} = ${this.#value(literals)} WHERE id = ${id}`;
  }

  #insert(): string {
    const set = this.#columns.filter(() => this.#random.chance(0.5));
    this.#ids.push(this.#next);
    const values = [String(this.#next++), ...set.map(({ literals }) => this.#value(literals))];
    return `INSERT INTO t (${['id', ...set.map(({ name }) => name)].join(', ')}) VALUES (${values.join(', ')})`;
  }

  #value(literals: readonly string[]): string {
    return this.#random.pick(literals);
  }

  #addColumns(): string {
    const definitions = Array.from({ length: 1 + this.#random.below(2) }, () => {
      const [type, literals] = this.#random.pick(TYPES);
      const name = `c${this.#columns.length + 1}`;
      this.#columns.push({ name, literals });
      const isPlain = TYPES.findIndex(([known]) => known === type) >= WITH_DEFAULT || this.#random.chance(0.5);
      const constant = literals.find((literal) => !literal.includes('e'));
      return isPlain
        ? `${name} ${type}`
        : `${name} ${type} DEFAULT ${constant}${this.#random.chance(0.5) ? ' NOT NULL' : ''}`;
    });
    return `ALTER TABLE t ADD (${definitions.join(', ')})`;
  }

  #other(): string {
    const text = this.#columns.find(({ literals }) => literals.length === 3);
    switch (this.#random.below(6)) {
      case 0:
        return 'ALTER TABLE t MOVE';
      case 1:
        return `ALTER TABLE t ADD PARTITION p${this.#next++} VALUES LESS THAN (100)`;
      case 2:
        return `COMMENT ON TABLE t IS 'ALTER TABLE t ADD x NUMBER'`;
      case 3:
        return `CREATE INDEX i${this.#next++} ON t (id)`;
      case 4:
        this.#ids = [];
        return 'TRUNCATE TABLE t';
      default:
        return text === undefined ? 'ALTER TABLE t MOVE' : `ALTER TABLE t MODIFY (${text.name} DEFAULT 'later')`;
    }
  }
}

it.each(TESTED)(`a table that is altered again and again is followed: %s (SEED=${seed})`, async (_, tested) => {
  const random = new Random(seed);
  const { database: opened } = await openFake(inject('postgres'), 'structure_random', tested, oracleConnector);
  await using database = opened;
  await using source = database.connect();
  await database.admin.run('CREATE TABLE t (id INTEGER NOT NULL, PRIMARY KEY (id))');
  const table = select(database, 't');
  const users = new Users(random);
  let followed = new Followed(await source.prepare([table], null, NEVER), new Set(['id']), new Map());
  const earlier = [followed];
  for (let step = 0; step < STEPS;) {
    await using reader = await LogReader.open(source, followed.position, [table]);
    for (let pauses = 1 + random.below(4); pauses > 0; pauses--) {
      for (let some = random.below(6); some > 0; some--, step++) await database.admin.run(...users.step());
      await reader.readTo(await source.currentPosition(NEVER));
    }
    const transactions = reader.events.flatMap((event, index) =>
      event.tag === 'commit' || event.tag === 'heartbeat' ? [{ index, position: event.position }] : [],
    );
    for (const { index, position } of transactions)
      earlier.push(followed.behind(reader.events.slice(0, index + 1), position));
    for (let some = random.below(8); some > 0; some--, step++) await database.admin.run(...users.step());
    // Goes on from a place that was told, whether it is the last one or not.
    followed = random.chance(0.5) ? random.pick(earlier) : (earlier.at(-1) ?? followed);
  }
  await using reader = await LogReader.open(source, followed.position, [table]);
  await reader.readTo(await source.currentPosition(NEVER));
  followed = followed.behind(reader.events, reader.reached);
  const schema = await describeOne(source, table);
  const { rows } = await copyTable(source, table);
  const names = schema.columns.map(({ name }) => name);
  const seen = rows.map((row) => Object.fromEntries(names.map((name, place) => [name, row[place] ?? null])));
  expect(rows.length).toBeGreaterThan(0);
  const known = new Set(followed.columns);
  // Columns that no row was told with yet are not known.
  const lines = seen
    .map((row) =>
      JSON.stringify(
        Object.entries(row)
          .filter(([name]) => known.has(name))
          .sort(),
      ),
    )
    .sort();
  expect(followed.lines).toEqual(lines);
});
