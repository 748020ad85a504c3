import { PenstockError } from '../../errors/penstock-error.ts';
import { encodeLine, leadColumns } from '../../extracts/row-encoding.ts';
import { tableId } from '../../changes/table-name.ts';
import type { ColumnType } from '../../changes/column-type.ts';
import type { MergePart } from '../destination.ts';
import { workingTables } from '../target-naming.ts';
import type { TargetTable } from '../target-table.ts';
import type { Session } from './connection.ts';
import type { Dialect } from './dialect.ts';
import { loadLines, loadSql, type LineField } from './line-load.ts';
import { countOps, type OpCounts } from './op-counts.ts';
import type { ErrorPlace } from './server-errors.ts';
import { literal, qualified } from './sql-text.ts';
import { createStagingSql, dropSql, identityColumns } from './table-sql.ts';

/** Rows of one part in its staging table, told from others by `load`. */
export interface StagedPart extends OpCounts {
  readonly load: bigint;
}

const SALT_BITS = 20n;
const COUNT_BITS = 12n;

/**
 * Makes the tags of staged rows. A tag begins with the epoch: rows of an older one belong to a loader that is gone.
 * The salt keeps two loaders of one epoch apart, which should not be.
 */
export class LoadTags {
  readonly #salt: bigint;
  #count = 0n;

  /** `fraction`: random, in [0, 1). */
  constructor(fraction: number) {
    this.#salt = BigInt(Math.floor(fraction * 2 ** Number(SALT_BITS)));
  }

  next(epoch: number): bigint {
    this.#count = (this.#count + 1n) % (1n << COUNT_BITS);
    return (((BigInt(epoch) << SALT_BITS) | this.#salt) << COUNT_BITS) | this.#count;
  }

  /** The lowest tag of an epoch. */
  static lowest(epoch: number): bigint {
    return BigInt(epoch) << (SALT_BITS + COUNT_BITS);
  }
}

/** The staging tables. One stable table per target, because SingleStore compiles a plan for every new table and text. */
export class Staging {
  /** Staging table → the structure that it was seen to have. */
  readonly #ready = new Map<string, string>();
  /** Tags whose rows could not be removed yet, by staging table. */
  readonly #leftovers = new Map<string, bigint[]>();

  /** Makes the staging table if need be, and removes what dead loaders left in it. */
  async prepare(
    session: Session,
    dialect: Dialect,
    target: TargetTable,
    epoch: number,
    signal: AbortSignal,
  ): Promise<void> {
    const place = placeOf(target, 'making the staging table');
    const table = stagingTable(target);
    const { sql, comment } = createStagingSql(target, dialect);
    if (this.#ready.get(table) !== comment) {
      const stands = await this.#commentOf(session, target, place, signal);
      if (stands !== null && stands !== comment) {
        await session.run(dropSql(target.stagingDatabase, workingTables(target.name).staging), place, signal);
      }
      await session.run(sql, place, signal);
      await session.run(`DELETE FROM ${table} WHERE \`__load\` < ${LoadTags.lowest(epoch)}`, place, signal);
      this.#ready.set(table, comment);
    }
    for (const load of this.#leftovers.get(table)?.splice(0) ?? []) await this.remove(session, target, load, signal);
  }

  /** Loads a part's lines; they are seen by nobody before a merge reads them. */
  async load(session: Session, part: MergePart, load: bigint, signal: AbortSignal): Promise<StagedPart> {
    const { target } = part;
    const place = placeOf(target, `loading ${part.rows} changes into ${workingTables(target.name).staging}`);
    const sql = loadSql(stagingTable(target), stagedFields(target, part.columns), [{ name: '__load', value: load }]);
    const counter = countOps(part.open());
    try {
      await loadLines(session, sql, { rows: part.rows, bytes: counter.bytes }, place, signal);
    } catch (error) {
      this.leave(target, load);
      throw error;
    }
    return { load, ...counter.counts() };
  }

  /** Loads keys (canonical texts, in identity order) as rows that go; `at`: their time, as the destination writes it. */
  async loadKeys(
    session: Session,
    target: TargetTable,
    { keys, at }: { readonly keys: readonly (readonly string[])[]; readonly at: string },
    load: bigint,
    signal: AbortSignal,
  ): Promise<StagedPart> {
    const key = identityColumns(target);
    const fixed = [
      { name: '__load', value: load },
      { name: '__op', value: 'D' },
      { name: '__seq', value: 0 },
      { name: '__at', value: at },
      { name: '__absent', value: '' },
    ];
    const sql = loadSql(stagingTable(target), stagedFields(target, key).slice(-key.length), fixed);
    const lines = { rows: keys.length, bytes: keyLines(keys) };
    try {
      await loadLines(session, sql, lines, placeOf(target, 'staging keys'), signal);
    } catch (error) {
      this.leave(target, load);
      throw error;
    }
    return { load, upserts: 0, deletes: keys.length };
  }

  /** Inside the merge's transaction: that nobody took staged rows away. @throws PenstockError PS4010 */
  async confirm(session: Session, target: TargetTable, part: StagedPart, signal: AbortSignal): Promise<void> {
    const sql = `SELECT COUNT(*) AS n FROM ${stagingTable(target)} WHERE \`__load\` = ${part.load}`;
    const [row] = await session.rows(sql, placeOf(target, 'counting staged rows'), signal);
    if (Number(row?.['n']) === part.upserts + part.deletes) return;
    this.#ready.delete(stagingTable(target));
    throw new PenstockError('PS4010', `staged rows of ${tableId(target.schema.table)} were removed by somebody else`);
  }

  async remove(session: Session, target: TargetTable, load: bigint, signal: AbortSignal): Promise<void> {
    try {
      const sql = `DELETE FROM ${stagingTable(target)} WHERE \`__load\` = ${load}`;
      await session.run(sql, placeOf(target, 'removing staged rows'), signal);
    } catch {
      // They are in nobody's way; the next use of the table, or the next loader, removes them.
      this.leave(target, load);
    }
  }

  /** Remembers rows that are to be removed at the next use. */
  leave(target: TargetTable, load: bigint): void {
    const table = stagingTable(target);
    const loads = this.#leftovers.get(table);
    if (loads === undefined) this.#leftovers.set(table, [load]);
    else loads.push(load);
  }

  async drop(session: Session, target: TargetTable, signal: AbortSignal): Promise<void> {
    this.#ready.delete(stagingTable(target));
    this.#leftovers.delete(stagingTable(target));
    const sql = dropSql(target.stagingDatabase, workingTables(target.name).staging);
    await session.run(sql, placeOf(target, 'dropping the staging table'), signal);
  }

  async #commentOf(
    session: Session,
    target: TargetTable,
    place: ErrorPlace,
    signal: AbortSignal,
  ): Promise<string | null> {
    const [row] = await session.rows(
      `SELECT table_comment AS comment FROM information_schema.tables WHERE table_schema = ${literal(target.stagingDatabase)}` +
        ` AND table_name = ${literal(workingTables(target.name).staging)}`,
      place,
      signal,
    );
    return row?.['comment'] ?? null;
  }
}

export function stagingTable(target: TargetTable): string {
  return qualified(target.stagingDatabase, workingTables(target.name).staging);
}

/** Lead columns are never binary but for origin keys, which have their key column's type. */
function stagedFields(target: TargetTable, columns: readonly (string | null)[]): LineField[] {
  const typeOf = (name: string): ColumnType => target.columns.find((column) => column.name === name)?.type ?? TEXT;
  const { identity } = target.schema;
  const lead = leadColumns(identity).map((name): LineField => {
    const origin = /^__origin(\d+)$/.exec(name)?.[1];
    const keyColumn = identity.tag === 'key' && origin !== undefined ? identity.columns[Number(origin) - 1] : undefined;
    return { name, type: keyColumn === undefined ? TEXT : typeOf(keyColumn) };
  });
  return [...lead, ...columns.map((name) => ({ name, type: name === null ? TEXT : typeOf(name) }))];
}

async function* keyLines(keys: readonly (readonly string[])[]): AsyncGenerator<Buffer> {
  await Promise.resolve();
  yield Buffer.from(keys.map(encodeLine).join(''), 'utf8');
}

const TEXT: ColumnType = { tag: 'text', maxCharacters: null };

function placeOf(target: TargetTable, doing: string): ErrorPlace {
  const table = tableId(target.schema.table);
  return { doing: `${table}: ${doing}`, table, columns: target.columns.map((column) => column.name) };
}
