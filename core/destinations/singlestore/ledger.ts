import { PenstockError } from '../../errors/penstock-error.ts';
import type { LedgerMarks, MergeStep, ReplayMark } from '../destination.ts';
import { OWN_TABLES } from '../target-naming.ts';
import type { Session } from './connection.ts';
import { copyState, type CopyStanding } from './copy-standing.ts';
import type { Dialect } from './dialect.ts';
import { createOwnTables } from './own-tables.ts';
import { setAside, type QuarantinedRow } from './quarantine.ts';
import { literal, qualified } from './sql-text.ts';

/** The row of the pipeline's own mark; tables' rows have the table's id here. */
const PIPELINE_ROW = '';

/**
 * The bookkeeping that lives in the destination, in the same database as the targets,
 * so that a mark and the rows that it speaks of are committed together.
 */
export class Ledger {
  readonly #database: string;
  readonly #ledger: string;
  readonly #chunks: string;
  readonly #quarantine: string;

  constructor(database: string) {
    this.#database = database;
    this.#ledger = qualified(database, OWN_TABLES.ledger);
    this.#chunks = qualified(database, OWN_TABLES.chunks);
    this.#quarantine = qualified(database, OWN_TABLES.quarantine);
  }

  /** Makes the tables if need be and takes the pipeline's rows for `epoch`. @throws PenstockError PS4006 */
  async take(session: Session, dialect: Dialect, pipeline: string, epoch: number, signal: AbortSignal): Promise<void> {
    const place = about(`taking the ledger of ${pipeline}`);
    for (const sql of createOwnTables(this.#database, dialect)) await session.run(sql, place, signal);
    const owner = await session.transaction(place, signal, async () => {
      await session.run(
        `INSERT INTO ${this.#ledger} (pipeline, tbl, applied, epoch, steps, copy_generation, copy_state, updated_at)` +
          ` VALUES (${literal(pipeline)}, '', NULL, ${epoch}, 0, 0, '', UTC_TIMESTAMP(6))` +
          ' ON DUPLICATE KEY UPDATE epoch = GREATEST(epoch, VALUES(epoch)), steps = steps + 1',
        place,
        signal,
      );
      return (await this.#pipelineRow(session, pipeline, signal))?.epoch ?? epoch;
    });
    if (owner > epoch) throw fenced(pipeline, epoch, owner);
  }

  async marks(session: Session, pipeline: string, signal: AbortSignal): Promise<LedgerMarks> {
    const sql =
      'SELECT tbl, applied, epoch, copy_generation, copy_state, copy_applied, replay_from, replay_next' +
      ` FROM ${this.#ledger} WHERE pipeline = ${literal(pipeline)}`;
    const rows = await session.rows(sql, about(`reading the ledger of ${pipeline}`), signal);
    const tables = new Map<string, number>();
    const copies = new Map<string, number | null>();
    const replays = new Map<string, ReplayMark>();
    const rebuilds = new Set<string>();
    let applied: number | null = null;
    let epoch = 0;
    for (const row of rows) {
      const mark = numberOrNull(row['applied'] ?? null);
      if (row['tbl'] === PIPELINE_ROW) {
        applied = mark;
        epoch = Number(row['epoch']);
        continue;
      }
      const table = row['tbl'] ?? '';
      if (mark !== null) tables.set(table, mark);
      const copied = numberOrNull(row['copy_applied'] ?? null);
      if (row['copy_state'] === 'rebuilding') rebuilds.add(table);
      const isDone = row['copy_state'] === 'done' || row['copy_state'] === 'rebuilding';
      // A table that was never copied and was made anew has a mark without a generation.
      if (Number(row['copy_generation']) > 0 || isDone) copies.set(table, isDone ? copied : null);
      const [from, next] = [numberOrNull(row['replay_from'] ?? null), numberOrNull(row['replay_next'] ?? null)];
      if (from !== null && next !== null) replays.set(table, { from, next });
    }
    return { applied, epoch, tables, copies, replays, rebuilds };
  }

  /**
   * The first statements of a merge: fences off other loaders until the end of the transaction and moves the marks.
   * @throws PenstockError PS4006, PS4011
   */
  async move(
    session: Session,
    dialect: Dialect,
    step: MergeStep,
    tables: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const place = about(`moving the ledger of ${step.pipeline} to extract ${step.extract}`);
    const ours = `pipeline = ${literal(step.pipeline)} AND tbl = '' AND epoch = ${step.epoch}`;
    if (step.pipelineMark !== null) {
      const sql =
        `UPDATE ${this.#ledger} SET applied = ${step.extract}, steps = steps + 1, updated_at = UTC_TIMESTAMP(6)` +
        ` WHERE ${ours} AND applied <=> ${literal(step.pipelineMark.from)}`;
      const { affectedRows } = await session.run(sql, place, signal);
      if (affectedRows !== 1) throw await this.#whyNot(session, step, signal);
    } else {
      await this.#holdEpoch(session, dialect, step.pipeline, step.epoch, signal);
      await this.#refuseReplay(session, step, tables, signal);
    }
    for (const { table, applied } of step.tableMarks)
      await this.setTableMark(session, step.pipeline, table, applied, signal);
  }

  /** Keeps the epoch as it is until the end of the transaction. Merges of single tables may hold it side by side where the server can. */
  async #holdEpoch(
    session: Session,
    dialect: Dialect,
    pipeline: string,
    epoch: number,
    signal: AbortSignal,
  ): Promise<void> {
    const place = about(`checking the ledger of ${pipeline}`);
    const ours = `pipeline = ${literal(pipeline)} AND tbl = '' AND epoch = ${epoch}`;
    const held =
      dialect.name === 'singlestore'
        ? (await session.run(`UPDATE ${this.#ledger} SET steps = steps + 1 WHERE ${ours}`, place, signal)).affectedRows
        : (await session.rows(`SELECT 1 FROM ${this.#ledger} WHERE ${ours} LOCK IN SHARE MODE`, place, signal)).length;
    if (held !== 1) throw fenced(pipeline, epoch, (await this.#pipelineRow(session, pipeline, signal))?.epoch ?? null);
  }

  /** A step of single tables: each must stand just before it. */
  async #refuseReplay(
    session: Session,
    step: MergeStep,
    tables: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const names = new Set([...tables, ...step.tableMarks.map((mark) => mark.table)]);
    for (const table of names) await this.#lockTableRow(session, step.pipeline, table, signal);
    const marks = await this.marks(session, step.pipeline, signal);
    for (const table of names) {
      const stands = marks.tables.get(table) ?? marks.applied ?? 0;
      if (stands !== step.extract - 1) throw standsElsewhere(step, `${table} stands at ${stands}`);
    }
  }

  /** Makes the row if need be; the same step sent twice waits here until the first one has ended. */
  async #lockTableRow(session: Session, pipeline: string, table: string, signal: AbortSignal): Promise<void> {
    await session.run(
      `INSERT INTO ${this.#ledger} (pipeline, tbl, applied, epoch, steps, copy_generation, copy_state, updated_at)` +
        ` VALUES (${literal(pipeline)}, ${literal(table)}, NULL, 0, 0, 0, '', UTC_TIMESTAMP(6)) ON DUPLICATE KEY UPDATE steps = steps + 1`,
      about(`locking the mark of ${table}`),
      signal,
    );
  }

  /** Sets or (null) removes a table's own mark. */
  async setTableMark(
    session: Session,
    pipeline: string,
    table: string,
    applied: number | null,
    signal: AbortSignal,
  ): Promise<void> {
    await session.run(
      `INSERT INTO ${this.#ledger} (pipeline, tbl, applied, epoch, steps, copy_generation, copy_state, updated_at)` +
        ` VALUES (${literal(pipeline)}, ${literal(table)}, ${literal(applied)}, 0, 0, 0, '', UTC_TIMESTAMP(6))` +
        ' ON DUPLICATE KEY UPDATE applied = VALUES(applied), steps = steps + 1, updated_at = VALUES(updated_at)',
      about(`setting the mark of ${table}`),
      signal,
    );
  }

  /** The first statement of what only the owner of the ledger may do. @throws PenstockError PS4006 */
  async fence(session: Session, dialect: Dialect, pipeline: string, epoch: number, signal: AbortSignal): Promise<void> {
    await this.#holdEpoch(session, dialect, pipeline, epoch, signal);
  }

  async copyStanding(session: Session, pipeline: string, table: string, signal: AbortSignal): Promise<CopyStanding> {
    const [row] = await session.rows(
      `SELECT copy_generation, copy_state FROM ${this.#ledger} WHERE pipeline = ${literal(pipeline)} AND tbl = ${literal(table)}`,
      about(`reading the copy state of ${table}`),
      signal,
    );
    return { generation: Number(row?.['copy_generation'] ?? 0), state: copyState(row?.['copy_state'] ?? '') };
  }

  /** A copy is made of what is there: what a replay has collected is of no use any more. */
  async setCopyStanding(
    session: Session,
    pipeline: string,
    table: string,
    copy: CopyStanding,
    signal: AbortSignal,
  ): Promise<void> {
    await session.run(
      `INSERT INTO ${this.#ledger} (pipeline, tbl, applied, epoch, steps, copy_generation, copy_state, updated_at)` +
        ` VALUES (${literal(pipeline)}, ${literal(table)}, NULL, 0, 0, ${copy.generation}, ${literal(copy.state)}, UTC_TIMESTAMP(6))` +
        ' ON DUPLICATE KEY UPDATE copy_generation = VALUES(copy_generation), copy_state = VALUES(copy_state),' +
        ' replay_from = NULL, replay_next = NULL, steps = steps + 1, updated_at = VALUES(updated_at)',
      about(`setting the copy state of ${table}`),
      signal,
    );
  }

  /** The table stands where its copy was finished. */
  async setCopied(
    session: Session,
    pipeline: string,
    table: string,
    applied: number,
    signal: AbortSignal,
  ): Promise<void> {
    await this.setTableMark(session, pipeline, table, applied, signal);
    await this.setCopyMark(session, pipeline, table, applied, signal);
  }

  /** Extracts up to here are never applied to the table again. */
  async setCopyMark(
    session: Session,
    pipeline: string,
    table: string,
    applied: number,
    signal: AbortSignal,
  ): Promise<void> {
    await session.run(
      `UPDATE ${this.#ledger} SET copy_applied = ${applied} WHERE pipeline = ${literal(pipeline)} AND tbl = ${literal(table)}`,
      about(`setting the mark of ${table}`),
      signal,
    );
  }

  /** Records a chunk. @throws the server's 1062 as PS4004 where it is recorded already: ask {@link hasChunk} first */
  async addChunk(session: Session, chunk: ChunkRecord, signal: AbortSignal): Promise<void> {
    await session.run(
      `INSERT INTO ${this.#chunks} (pipeline, tbl, generation, chunk) VALUES` +
        ` (${literal(chunk.pipeline)}, ${literal(chunk.table)}, ${chunk.generation}, ${chunk.index})`,
      about(`recording chunk ${chunk.index} of ${chunk.table}`),
      signal,
    );
  }

  async hasChunk(session: Session, chunk: ChunkRecord, signal: AbortSignal): Promise<boolean> {
    const rows = await session.rows(
      `SELECT 1 FROM ${this.#chunks} WHERE pipeline = ${literal(chunk.pipeline)} AND tbl = ${literal(chunk.table)}` +
        ` AND generation = ${chunk.generation} AND chunk = ${chunk.index}`,
      about(`looking for chunk ${chunk.index} of ${chunk.table}`),
      signal,
    );
    return rows.length > 0;
  }

  /** Forgets the chunks of generations before `generation`. */
  async dropChunks(
    session: Session,
    pipeline: string,
    table: string,
    generation: number,
    signal: AbortSignal,
  ): Promise<void> {
    await session.run(
      `DELETE FROM ${this.#chunks} WHERE pipeline = ${literal(pipeline)} AND tbl = ${literal(table)} AND generation < ${generation}`,
      about(`forgetting old chunks of ${table}`),
      signal,
    );
  }

  async quarantine(
    session: Session,
    pipeline: string,
    table: string,
    misfits: readonly QuarantinedRow[],
    signal: AbortSignal,
  ): Promise<void> {
    await setAside(session, this.#quarantine, { pipeline, table }, misfits, signal);
  }

  async #whyNot(session: Session, step: MergeStep, signal: AbortSignal): Promise<PenstockError> {
    const row = await this.#pipelineRow(session, step.pipeline, signal);
    if (row === null || row.epoch !== step.epoch) return fenced(step.pipeline, step.epoch, row?.epoch ?? null);
    return standsElsewhere(step, `it stands at ${row.applied ?? 'none'}`);
  }

  async #pipelineRow(
    session: Session,
    pipeline: string,
    signal: AbortSignal,
  ): Promise<{ readonly applied: number | null; readonly epoch: number } | null> {
    const sql = `SELECT applied, epoch FROM ${this.#ledger} WHERE pipeline = ${literal(pipeline)} AND tbl = ''`;
    const [row] = await session.rows(sql, about(`reading the ledger of ${pipeline}`), signal);
    return row === undefined ? null : { applied: numberOrNull(row['applied'] ?? null), epoch: Number(row['epoch']) };
  }
}

/** One chunk of one copy. */
export interface ChunkRecord {
  readonly pipeline: string;
  readonly table: string;
  readonly generation: number;
  readonly index: number;
}

function about(doing: string): { doing: string; table: null; columns: readonly string[] } {
  return { doing, table: null, columns: [] };
}

function numberOrNull(text: string | null): number | null {
  return text === null ? null : Number(text);
}

function fenced(pipeline: string, epoch: number, owner: number | null): PenstockError {
  const whose = owner === null ? 'nobody took it' : `epoch ${owner} owns it`;
  return new PenstockError('PS4006', `the ledger of ${pipeline} was asked for by epoch ${epoch}; ${whose}`);
}

function standsElsewhere(step: MergeStep, where: string): PenstockError {
  return new PenstockError('PS4011', `the ledger of ${step.pipeline} cannot move to extract ${step.extract}: ${where}`);
}
