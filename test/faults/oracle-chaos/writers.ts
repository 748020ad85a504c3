import type { FakeAdmin } from '../../fixtures/oracle-fake/admin-session.ts';
import type { FakeOracle } from '../../fixtures/oracle-fake/fake-oracle.ts';
import type { Random } from '../../fixtures/random.ts';
import type { Model, ModelChange, NamedRow } from './model.ts';
import { ContainerRows, Writer } from './writer.ts';

export const TABLES: Readonly<Record<string, string>> = {
  COUNTERS: '(id INTEGER NOT NULL, step INTEGER NOT NULL, tx INTEGER NOT NULL, note VARCHAR2(4000), PRIMARY KEY (id))',
  LOOSE: '(a INTEGER NOT NULL, b VARCHAR2(40))',
  LARGE: '(id INTEGER NOT NULL, n INTEGER, c CLOB, b BLOB, PRIMARY KEY (id))',
  SHIFTING: '(id INTEGER NOT NULL, n INTEGER, PRIMARY KEY (id))',
};
const NASTY = [
  `it's`,
  `a', 'b) values ('`,
  'tab\there',
  'new\nline',
  'ünïcödé 🎉',
  ' where "ID" = ',
  '\\',
  'NULL',
  ' ',
];

/** Customers of a source: interleaved transactions of several sessions, a step at a time, from a seed. */
export class Writers {
  readonly #oracle: FakeOracle;
  readonly #random: Random;
  readonly #model: Model;
  readonly #writers: Writer[] = [];
  readonly #watched: ContainerRows;
  readonly #definer: FakeAdmin;
  #transactions = 0;

  private constructor(oracle: FakeOracle, random: Random, model: Model) {
    this.#oracle = oracle;
    this.#random = random;
    this.#model = model;
    this.#watched = new ContainerRows();
    this.#definer = oracle.admin();
  }

  /** Of a container database the last pluggable one is written too, by the same SQL: nobody follows it. */
  static async open(oracle: FakeOracle, random: Random, model: Model): Promise<Writers> {
    const writers = new Writers(oracle, random, model);
    const threads = oracle.log.threads.map(({ number }) => number);
    const containers = oracle.isContainerDatabase
      ? oracle.containers.slice(1).map(({ name }) => name?.name ?? '')
      : [undefined];
    for (const [place, container] of containers.entries()) {
      const rows = place === 0 ? writers.#watched : new ContainerRows();
      const admin = (thread: number) => oracle.admin({ thread, ...(container === undefined ? {} : { container }) });
      const creator = admin(1);
      for (const [name, columns] of Object.entries(TABLES)) await creator.run(`CREATE TABLE ${name} ${columns}`);
      for (const thread of [...threads, 1, ...threads]) {
        writers.#writers.push(new Writer(admin(thread), rows, thread, writers.#writers.length % 5 === 2));
      }
    }
    return writers;
  }

  /** Something that one of them does. */
  async step(): Promise<void> {
    const usable = this.#writers.filter(({ thread }) => this.#oracle.log.thread(thread).isOpen);
    const writer = this.#random.pick(usable);
    const chance = this.#random.fraction();
    if (writer.transaction === null) {
      await writer.admin.run('BEGIN');
      writer.transaction = ++this.#transactions;
    }
    const ends = writer.isSlow ? 0.02 : 0.2;
    if (chance < ends) await this.commit(writer);
    else if (chance < ends + 0.04 && !writer.isSlow) await this.#rollback(writer);
    else if (chance < ends + 0.1) await this.#savepoint(writer);
    else if (chance < ends + 0.14) await this.#fail(writer);
    else await this.#change(writer);
  }

  /** Ends what is open; all of it is committed. `thread`: of an instance alone. */
  async finish(thread: number | null = null): Promise<void> {
    for (const writer of this.#writers) {
      if (writer.transaction !== null && (thread === null || thread === writer.thread)) await this.commit(writer);
    }
  }

  /** A change of structure, or rows of the table that has them. */
  async shift(mayDefine: boolean): Promise<void> {
    const chance = this.#random.fraction();
    const { columns } = this.#watched;
    const added = columns.slice(2);
    if (!mayDefine || chance < 0.6) return this.#writeShifting();
    if (chance < 0.7) {
      this.#watched.rows.forEach(({ table }, key) => table === 'SHIFTING' && this.#watched.rows.delete(key));
      await this.#definer.run('TRUNCATE TABLE shifting');
      this.#model.commit(this.lastCommit(1), [{ table: 'SHIFTING', op: 'truncate', before: null, after: null }]);
      return;
    }
    if (chance < 0.85) {
      const name = `C${++this.#transactions}`;
      await this.#definer.run(`ALTER TABLE shifting ADD (${name.toLowerCase()} VARCHAR2(20))`);
      columns.push(name);
    } else if (chance < 0.92) await this.#definer.run('ALTER TABLE shifting MOVE');
    else if (added.length > 0) {
      const name = this.#random.pick(added);
      await this.#definer.run(`ALTER TABLE shifting DROP (${name.toLowerCase()})`);
      columns.splice(columns.indexOf(name), 1);
      this.#model.dropped.add(name);
      for (const [key, { table, row }] of this.#watched.rows) {
        if (table !== 'SHIFTING') continue;
        const kept = Object.fromEntries(Object.entries(row).filter(([column]) => column !== name));
        this.#watched.rows.set(key, { table, row: kept });
      }
    }
  }

  /** SCN of the last commit of a thread. */
  lastCommit(thread: number): bigint {
    const files = this.#oracle.log.thread(thread).files.slice(-3);
    return files
      .flatMap(({ records }) => records)
      .filter(({ redo }) => redo.tag === 'commit')
      .reduce((most, { scn }) => (scn > most ? scn : most), 0n);
  }

  /** The rows of a followed table, as its sessions see them when nothing is open. */
  async sourceRows(table: string): Promise<NamedRow[]> {
    const columns = table === 'SHIFTING' ? this.#watched.columns : columnsOf(table);
    const read = columns.map((name) => (name === 'B' && table === 'LARGE' ? `upper(encode(b, 'hex'))` : name));
    const rows = await this.#definer.rows(`SELECT ${read.join(', ').toLowerCase()} FROM ${table.toLowerCase()}`);
    return rows.map((row) => Object.fromEntries(columns.map((name, place) => [name, row[place] ?? null])));
  }

  async commit(writer: Writer): Promise<void> {
    const last = this.lastCommit(writer.thread);
    await writer.admin.run('COMMIT');
    const scn = this.lastCommit(writer.thread);
    // One that only read, or did nothing, is not in the log.
    if (writer.container === this.#watched && (writer.changes.length > 0 || scn > last))
      this.#model.commit(scn, writer.changes);
    writer.end();
  }

  async #rollback(writer: Writer): Promise<void> {
    await writer.admin.run('ROLLBACK');
    writer.undoTo(0);
    writer.end();
  }

  async #savepoint(writer: Writer): Promise<void> {
    if (writer.savepoint === null) {
      await writer.admin.run('SAVEPOINT s');
      writer.savepoint = writer.changes.length;
    } else {
      await writer.admin.run('ROLLBACK TO SAVEPOINT s');
      writer.undoTo(writer.savepoint);
      writer.savepoint = null;
    }
  }

  /** Rows that were inserted before one that cannot be. */
  async #fail(writer: Writer): Promise<void> {
    const [stands] = writer.container.free('COUNTERS', writer);
    if (stands === undefined) return;
    const ids = [++writer.container.ids, ++writer.container.ids, stands['ID']];
    const failing = `INSERT INTO counters VALUES ${ids.map((id) => `(${id}, 1, 0, 'fails')`).join(', ')}`;
    let error: unknown = null;
    await writer.admin.run(failing).catch((thrown: unknown) => (error = thrown));
    if (error === null) throw new Error('a statement that breaks a key did not fail');
  }

  #change(writer: Writer): Promise<void> {
    const chance = this.#random.fraction();
    if (chance < 0.6) return this.#count(writer);
    if (chance < 0.75) return this.#loosen(writer);
    return this.#enlarge(writer);
  }

  async #count(writer: Writer): Promise<void> {
    const random = this.#random;
    const rows = writer.container.free('COUNTERS', writer);
    const tx = String(writer.transaction);
    const chance = random.fraction();
    if (rows.length < 4 || chance < 0.25) {
      const added = Array.from({ length: 1 + random.below(6) }, (): NamedRow => {
        return { ID: String(++writer.container.ids), STEP: '0', TX: tx, NOTE: this.#note() };
      });
      const values = added.map((row) => `(${row['ID']}, 0, ${tx}, ${literal(row['NOTE'] ?? null)})`);
      await writer.admin.run(`INSERT INTO counters VALUES ${values.join(', ')}`);
      for (const after of added) writer.note({ table: 'COUNTERS', op: 'insert', before: null, after });
      return;
    }
    const before = random.pick(rows);
    const id = before['ID'] ?? '';
    if (chance < 0.35) {
      await writer.admin.run(`DELETE FROM counters WHERE id = ${id}`);
      writer.note({ table: 'COUNTERS', op: 'delete', before, after: null });
      if (!random.chance(0.5)) return;
      const after: NamedRow = { ...before, TX: tx, STEP: String(Number(before['STEP']) + 1) };
      await writer.admin.run(
        `INSERT INTO counters VALUES (${id}, ${after['STEP']}, ${tx}, ${literal(after['NOTE'] ?? null)})`,
      );
      writer.note({ table: 'COUNTERS', op: 'insert', before: null, after });
      return;
    }
    const after: NamedRow = {
      ...{ ID: chance < 0.45 ? String(++writer.container.ids) : id, STEP: String(Number(before['STEP']) + 1), TX: tx },
      NOTE: random.chance(0.3) ? this.#note() : (before['NOTE'] ?? null),
    };
    const sets = ['ID', 'STEP', 'TX', 'NOTE'].filter((name) => after[name] !== before[name]);
    const set = sets.map((name) => `${name.toLowerCase()} = ${literal(after[name] ?? null)}`);
    await writer.admin.run(`UPDATE counters SET ${set.join(', ')} WHERE id = ${id}`);
    writer.note({ table: 'COUNTERS', op: 'update', before, after });
  }

  async #loosen(writer: Writer): Promise<void> {
    const { container } = writer;
    if (container.looseWriter !== null && container.looseWriter !== writer) return;
    container.looseWriter = writer;
    const a = String(this.#random.below(5));
    const chance = this.#random.fraction();
    const B = this.#random.chance(0.2) ? null : `b${this.#random.below(3)}`;
    if (chance < 0.5) {
      await writer.admin.run(`INSERT INTO loose VALUES (${a}, ${literal(B)}), (${a}, ${literal(B)})`);
      for (let times = 0; times < 2; times++) {
        container.loose.push({ A: a, B });
        writer.note({ table: 'LOOSE', op: 'insert', before: null, after: { A: a, B } });
      }
      return;
    }
    const isDelete = chance < 0.7;
    await writer.admin.run(
      isDelete ? `DELETE FROM loose WHERE a = ${a}` : `UPDATE loose SET b = ${literal(B)} WHERE a = ${a}`,
    );
    const met = container.loose.filter((row) => row['A'] === a);
    container.loose = container.loose.filter((row) => row['A'] !== a);
    for (const before of met) {
      const after = isDelete ? null : { A: a, B };
      if (after !== null) container.loose.push(after);
      writer.note({ table: 'LOOSE', op: isDelete ? 'delete' : 'update', before, after });
    }
  }

  async #enlarge(writer: Writer): Promise<void> {
    const random = this.#random;
    const rows = writer.container.free('LARGE', writer);
    const chance = random.fraction();
    if (rows.length < 3 || chance < 0.4) {
      const after = { ID: String(++writer.container.ids), N: '0', C: this.#text(), B: this.#hex() };
      await writer.admin.run(`INSERT INTO large VALUES (${after.ID}, 0, ${literal(after.C)}, ${blob(after.B)})`);
      writer.note({ table: 'LARGE', op: 'insert', before: null, after });
      return;
    }
    const before = random.pick(rows);
    if (chance < 0.5) {
      await writer.admin.run(`DELETE FROM large WHERE id = ${before['ID']}`);
      writer.note({ table: 'LARGE', op: 'delete', before, after: null });
      return;
    }
    const after: NamedRow = {
      ...{ ID: before['ID'] ?? '', N: chance < 0.8 ? String(Number(before['N']) + 1) : (before['N'] ?? null) },
      C: random.chance(0.5) ? this.#text() : (before['C'] ?? null),
      B: random.chance(0.2) ? this.#hex() : (before['B'] ?? null),
    };
    const set = [`n = ${after['N']}`];
    if (after['C'] !== before['C']) set.push(`c = ${literal(after['C'] ?? null)}`);
    if (after['B'] !== before['B']) set.push(`b = ${blob(after['B'] ?? null)}`);
    await writer.admin.run(`UPDATE large SET ${set.join(', ')} WHERE id = ${before['ID']}`);
    writer.note({ table: 'LARGE', op: 'update', before, after });
  }

  /** A transaction from its beginning to its end, so that the table's structure is never waited for. */
  async #writeShifting(): Promise<void> {
    const { columns, rows } = this.#watched;
    const known = [...rows.values()].filter(({ table }) => table === 'SHIFTING').map(({ row }) => row);
    const changes: ModelChange[] = [];
    await this.#definer.run('BEGIN');
    for (let count = 1 + this.#random.below(3); count > 0; count--) {
      const before = known.length > 2 && this.#random.chance(0.5) ? this.#random.pick(known) : null;
      const id = before?.['ID'] ?? String(++this.#watched.ids);
      const named = columns.map((name) => [name, name === 'ID' ? id : String(this.#random.below(1000))] as const);
      const after: NamedRow = Object.fromEntries(named);
      if (before === null) {
        await this.#definer.run(
          `INSERT INTO shifting (${columns.join(', ').toLowerCase()}) VALUES (${named.map(([, value]) => literal(value)).join(', ')})`,
        );
      } else {
        const set = named.slice(1).map(([name, value]) => `${name.toLowerCase()} = ${literal(value)}`);
        await this.#definer.run(`UPDATE shifting SET ${set.join(', ')} WHERE id = ${id}`);
        known.splice(known.indexOf(before), 1);
      }
      rows.set(`SHIFTING ${id}`, { table: 'SHIFTING', row: after });
      known.push(after);
      changes.push({ table: 'SHIFTING', op: before === null ? 'insert' : 'update', before, after });
    }
    await this.#definer.run('COMMIT');
    this.#model.commit(this.lastCommit(1), changes);
  }

  #note(): string | null {
    const chance = this.#random.fraction();
    if (chance < 0.2) return null;
    if (chance < 0.4) return this.#random.pick(NASTY);
    // What is longer than a row of LogMiner comes in pieces.
    if (chance < 0.6) return `${'wide ü '.repeat(300 + this.#random.below(250))}.`;
    return `note ${this.#random.below(1000)}`;
  }

  #text(): string | null {
    const chance = this.#random.fraction();
    if (chance < 0.2) return null;
    if (chance < 0.6) return `${this.#random.pick(NASTY)} ${this.#random.below(1000)}`;
    return `${this.#random.below(1000)} large 🎉 ' `.repeat(300 + this.#random.below(300));
  }

  #hex(): string | null {
    const chance = this.#random.fraction();
    if (chance < 0.5) return null;
    return this.#random
      .below(256)
      .toString(16)
      .padStart(2, '0')
      .toUpperCase()
      .repeat(chance < 0.8 ? 20 : 5000);
  }
}

export function columnsOf(table: string): string[] {
  return { COUNTERS: ['ID', 'STEP', 'TX', 'NOTE'], LOOSE: ['A', 'B'], LARGE: ['ID', 'N', 'C', 'B'] }[table] ?? [];
}

function literal(text: string | null): string {
  return text === null ? 'NULL' : `'${text.replaceAll("'", "''")}'`;
}

function blob(hex: string | null): string {
  return hex === null ? 'NULL' : `HEXTORAW('${hex}')`;
}
