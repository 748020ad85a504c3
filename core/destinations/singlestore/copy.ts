import { datetimeText } from '../../changes/timestamp.ts';
import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { CopyChunk, CopyRun } from '../destination.ts';
import { workingTables } from '../target-naming.ts';
import type { Session } from './connection.ts';
import type { Dialect } from './dialect.ts';
import type { CopyState } from './copy-standing.ts';
import type { Ledger } from './ledger.ts';
import { loadLines, loadSql, type FixedValue, type LineField } from './line-load.ts';
import type { ErrorPlace } from './server-errors.ts';
import type { SessionPool } from './session-pool.ts';
import { nameList, qualified, quoted } from './sql-text.ts';
import {
  createRawCopySql,
  createTargetSql,
  dropSql,
  isKeyed,
  ORDINAL,
  primaryKey,
  ROW,
  SEQUENCE,
} from './table-sql.ts';
import { swapCopyIn } from './swap.ts';
import type { Turns } from './turns.ts';
import { columnsOf, primaryKeyOf } from './table-structure.ts';

/** What a copy works with. */
export interface CopyContext {
  readonly pool: SessionPool;
  readonly ledger: Ledger;
  /** Chunks go straight into the emptied table instead of a new one that is swapped in. */
  readonly truncate: boolean;
  /** Swaps of this process, one after the other: each needs two connections at once. */
  readonly swaps: Turns;
}

/**
 * One copy of a table: `preparing` → `loading` → (`numbering` →) `swapping` → `done`, each state in the ledger before its work
 * begins, each work safe to repeat. A process that dies in any of them is followed by one that goes on from there.
 */
export class TableCopy {
  readonly #context: CopyContext;
  readonly #copy: CopyRun;
  readonly #table: string;
  readonly #place: ErrorPlace;

  constructor(context: CopyContext, copy: CopyRun) {
    this.#context = context;
    this.#copy = copy;
    this.#table = tableId(copy.target.schema.table);
    this.#place = this.#placeOf('copying');
  }

  async begin(signal: AbortSignal): Promise<void> {
    await this.#context.pool.use(signal, async ({ session, dialect }) => {
      const { pipeline, generation } = this.#copy;
      const standing = await this.#context.ledger.copyStanding(session, pipeline, this.#table, signal);
      if (standing.generation > generation) throw this.#overtaken(standing.generation);
      if (standing.generation === generation && standing.state !== 'preparing') return;
      // A swap that was begun is ended first: until then the table may be missing.
      if (standing.state === 'swapping' || standing.state === 'rebuilding') {
        await this.#swapFenced(session, dialect, signal, true);
      }
      await this.#enter(session, dialect, 'preparing', signal);
      await this.#makeTables(session, dialect, signal);
      await this.#enter(session, dialect, 'loading', signal);
    });
  }

  async loadChunk(chunk: CopyChunk, signal: AbortSignal): Promise<{ readonly alreadyLoaded: boolean }> {
    const { pipeline, generation, target } = this.#copy;
    const { ledger } = this.#context;
    const record = { pipeline, table: this.#table, generation, index: chunk.index };
    const place = this.#placeOf(`loading chunk ${chunk.index}`);
    return this.#context.pool.use(signal, async ({ session }) => {
      if (await ledger.hasChunk(session, record, signal)) return { alreadyLoaded: true };
      await session.transaction(place, signal, async () => {
        await ledger.addChunk(session, record, signal);
        const sql = loadSql(qualified(target.database, this.#loadTable()), this.#fields(), this.#fixedValues());
        await loadLines(session, sql, { rows: chunk.rows, bytes: chunk.open() }, place, signal);
        const misfits = chunk.misfits.map((misfit) => ({
          ...misfit,
          position: `copy ${generation} chunk ${chunk.index}`,
        }));
        await ledger.quarantine(session, pipeline, this.#table, misfits, signal);
        // After the load: by then the table is ours until the commit, so a copy that began since is seen here.
        await this.#confirm(session, signal);
      });
      return { alreadyLoaded: false };
    });
  }

  async finish(applied: number, signal: AbortSignal): Promise<void> {
    await this.#context.pool.use(signal, async ({ session, dialect }) => {
      const { pipeline, generation } = this.#copy;
      const standing = await this.#context.ledger.copyStanding(session, pipeline, this.#table, signal);
      if (standing.generation !== generation) throw this.#overtaken(standing.generation);
      if (standing.state === 'done' || standing.state === 'rebuilding') return;
      if (standing.state === 'none' || standing.state === 'preparing') throw this.#overtaken(standing.generation);
      if (standing.state !== 'swapping') {
        if (!isKeyed(this.#copy.target)) await this.#number(session, dialect, signal);
        await this.#dropOld(session, signal);
        await this.#enter(session, dialect, 'swapping', signal);
      }
      await this.#swapFenced(session, dialect, signal);
      await session.run(dropSql(this.#copy.target.database, this.#names().raw), this.#place, signal);
      await this.#enter(session, dialect, 'done', signal, applied);
    });
  }

  async #makeTables(session: Session, dialect: Dialect, signal: AbortSignal): Promise<void> {
    const { target, pipeline, generation } = this.#copy;
    const names = this.#names();
    await this.#context.ledger.dropChunks(session, pipeline, this.#table, generation, signal);
    // The copy has ended a rollback of the table.
    await session.run(dropSql(target.stagingDatabase, names.replay), this.#place, signal);
    if (this.#context.truncate) {
      await session.run(createTargetSql(target, target.name, dialect), this.#place, signal);
      await this.#refuseOtherColumns(session, signal);
      await session.run(`TRUNCATE TABLE ${qualified(target.database, target.name)}`, this.#place, signal);
    } else {
      await session.run(dropSql(target.database, names.copy), this.#place, signal);
      await session.run(createTargetSql(target, names.copy, dialect), this.#place, signal);
    }
    if (isKeyed(target)) return;
    await session.run(dropSql(target.database, names.raw), this.#place, signal);
    await session.run(createRawCopySql(target, dialect), this.#place, signal);
  }

  /** Truncating keeps the table as it is, so it must be what the rows need. */
  async #refuseOtherColumns(session: Session, signal: AbortSignal): Promise<void> {
    const { target } = this.#copy;
    const stands =
      (await columnsOf(session, target.database, target.name, signal))?.map((column) => column.name.toLowerCase()) ??
      [];
    const lacking = target.columns.find((column) => !stands.includes(column.name.toLowerCase()));
    const own = isKeyed(target) ? [] : [ROW, ORDINAL];
    const dates =
      target.keeping.tag === 'history' ? [target.keeping.startColumn, target.keeping.endColumn, SEQUENCE] : [];
    const expected = target.columns.length + own.length + dates.length;
    const key = await primaryKeyOf(session, target, signal);
    const hasKey = key.length === 0 || key.join() === primaryKey(target).join().toLowerCase();
    if (lacking === undefined && stands.length === expected && hasKey) return;
    const full = qualified(target.database, target.name);
    throw new PenstockError('PS4005', `${this.#table}: ${full} has other columns or another key than the source`, {
      table: this.#table,
      remedy: `DROP TABLE ${full}; or switch truncateInsteadOfDrop off. Then run \`penstock full-extract\`.`,
    });
  }

  /** Numbers equal rows of a table without a key, 1…n, from the raw copy into the final structure. */
  async #number(session: Session, dialect: Dialect, signal: AbortSignal): Promise<void> {
    const { target } = this.#copy;
    await this.#enter(session, dialect, 'numbering', signal);
    const into = qualified(target.database, this.#context.truncate ? target.name : this.#names().copy);
    await session.run(`TRUNCATE TABLE ${into}`, this.#place, signal);
    const columns = target.columns.map((column) => column.name);
    await session.run(
      `INSERT INTO ${into} (${nameList([ROW, ORDINAL, ...columns])})` +
        ` SELECT ${quoted(ROW)}, ROW_NUMBER() OVER (PARTITION BY ${quoted(ROW)} ORDER BY ${quoted(ROW)}), ${nameList(columns)}` +
        ` FROM ${qualified(target.database, this.#names().raw)}`,
      this.#placeOf('numbering equal rows'),
      signal,
    );
  }

  async #dropOld(session: Session, signal: AbortSignal): Promise<void> {
    if (this.#context.truncate) return;
    await session.run(dropSql(this.#copy.target.database, this.#names().old), this.#place, signal);
  }

  /** DDL commits at once, so another connection keeps the ledger ours meanwhile: two loaders must not swap at the same time. */
  async #swapFenced(session: Session, dialect: Dialect, signal: AbortSignal, wasBegun = false): Promise<void> {
    if (this.#context.truncate && !wasBegun) return;
    const { pool, ledger, swaps } = this.#context;
    await swaps.take(async () => {
      await pool.use(signal, ({ session: guard }) =>
        guard.transaction(this.#place, signal, async () => {
          await ledger.fence(guard, dialect, this.#copy.pipeline, this.#copy.epoch, signal);
          const place = this.#placeOf('swapping the copy in');
          await swapCopyIn(session, this.#copy.target, place, signal, () => Promise.resolve());
        }),
      );
    });
  }

  /** Puts the state into the ledger, if the ledger is still ours; with `done` the table's mark too. */
  async #enter(
    session: Session,
    dialect: Dialect,
    state: CopyState,
    signal: AbortSignal,
    applied?: number,
  ): Promise<void> {
    const { pipeline, generation, epoch } = this.#copy;
    const { ledger } = this.#context;
    await session.transaction(this.#place, signal, async () => {
      await ledger.fence(session, dialect, pipeline, epoch, signal);
      await ledger.setCopyStanding(session, pipeline, this.#table, { generation, state }, signal);
      if (applied !== undefined) await ledger.setCopied(session, pipeline, this.#table, applied, signal);
    });
  }

  async #confirm(session: Session, signal: AbortSignal): Promise<void> {
    const { pipeline, generation, epoch, isBeside } = this.#copy;
    const standing = await this.#context.ledger.copyStanding(session, pipeline, this.#table, signal);
    if (standing.generation !== generation || standing.state !== 'loading') throw this.#overtaken(standing.generation);
    if (isBeside === true) return;
    const owner = (await this.#context.ledger.marks(session, pipeline, signal)).epoch;
    if (owner > epoch)
      throw new PenstockError('PS4006', `copying ${this.#table}: epoch ${owner} took the ledger of ${pipeline}`);
  }

  /** A table without a key goes through the raw copy. */
  #loadTable(): string {
    if (!isKeyed(this.#copy.target)) return this.#names().raw;
    return this.#context.truncate ? this.#copy.target.name : this.#names().copy;
  }

  #fields(): LineField[] {
    const columns = this.#copy.target.columns.map(({ name, type }): LineField => ({ name, type }));
    return isKeyed(this.#copy.target)
      ? columns
      : [{ name: ROW, type: { tag: 'text', maxCharacters: null } }, ...columns];
  }

  #fixedValues(): FixedValue[] {
    const { keeping } = this.#copy.target;
    if (keeping.tag === 'mirror') return [];
    return [
      { name: keeping.startColumn, value: datetimeText(this.#copy.takenAt) },
      { name: keeping.endColumn, value: keeping.openEnd },
      { name: SEQUENCE, value: 0 },
    ];
  }

  #names(): ReturnType<typeof workingTables> {
    return workingTables(this.#copy.target.name);
  }

  #placeOf(doing: string): ErrorPlace {
    const columns = this.#copy.target.columns.map((column) => column.name);
    return { doing: `${this.#table}: ${doing}`, table: this.#table, columns };
  }

  #overtaken(generation: number): PenstockError {
    const what = `copy ${this.#copy.generation} of ${this.#table} of ${this.#copy.pipeline}: the ledger has copy ${generation}`;
    return new PenstockError('PS4006', what, { table: this.#table });
  }
}
