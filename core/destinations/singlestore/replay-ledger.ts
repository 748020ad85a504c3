import { PenstockError } from '../../errors/penstock-error.ts';
import type { ReplayMark, ReplayStart } from '../destination.ts';
import { OWN_TABLES } from '../target-naming.ts';
import type { Session } from './connection.ts';
import { literal, qualified } from './sql-text.ts';

/** How far a table's replay is, in the ledger's row of the table. */
export interface ReplayStanding extends ReplayMark {
  /** A truncate was among what is collected. */
  readonly emptied: boolean;
}

export class ReplayLedger {
  readonly #ledger: string;

  constructor(database: string) {
    this.#ledger = qualified(database, OWN_TABLES.ledger);
  }

  async begin(session: Session, { pipeline, tables }: ReplayStart, signal: AbortSignal): Promise<void> {
    for (const { table, from, upTo } of tables) {
      await session.run(
        `INSERT INTO ${this.#ledger} (pipeline, tbl, applied, epoch, steps, copy_generation, copy_state, replay_from, replay_next, updated_at)` +
          ` VALUES (${literal(pipeline)}, ${literal(table)}, ${upTo}, 0, 0, 0, '', ${from}, ${from}, UTC_TIMESTAMP(6))` +
          ' ON DUPLICATE KEY UPDATE applied = VALUES(applied), replay_from = VALUES(replay_from), replay_next = VALUES(replay_next),' +
          ' replay_emptied = 0, steps = steps + 1, updated_at = VALUES(updated_at)',
        about(`beginning the replay of ${table}`),
        signal,
      );
    }
  }

  /** @throws PenstockError PS4011 where no replay was begun */
  async standing(session: Session, pipeline: string, table: string, signal: AbortSignal): Promise<ReplayStanding> {
    const [row] = await session.rows(
      `SELECT replay_from, replay_next, replay_emptied FROM ${this.#ledger} WHERE ${rowOf(pipeline, table)}`,
      about(`reading the replay of ${table}`),
      signal,
    );
    const from = row?.['replay_from'] ?? null;
    if (from === null) throw none(pipeline, table);
    return { from: Number(from), next: Number(row?.['replay_next']), emptied: row?.['replay_emptied'] !== '0' };
  }

  /** Moves a replay on if it still stands at `stands`. Inside a transaction: the row is locked then. @throws PenstockError PS4011 */
  async move(
    session: Session,
    pipeline: string,
    table: string,
    stands: ReplayStanding,
    to: ReplayStanding | null,
    signal: AbortSignal,
  ): Promise<void> {
    const values =
      to === null
        ? 'replay_from = NULL, replay_next = NULL, replay_emptied = 0'
        : `replay_next = ${to.next}, replay_emptied = ${to.emptied ? 1 : 0}`;
    const { affectedRows } = await session.run(
      `UPDATE ${this.#ledger} SET ${values}, steps = steps + 1, updated_at = UTC_TIMESTAMP(6)` +
        ` WHERE ${rowOf(pipeline, table)} AND replay_from = ${stands.from} AND replay_next = ${stands.next}`,
      about(`moving the replay of ${table}`),
      signal,
    );
    if (affectedRows !== 1) throw none(pipeline, table);
  }

  async forget(session: Session, pipeline: string, table: string, signal: AbortSignal): Promise<void> {
    await session.run(
      `UPDATE ${this.#ledger} SET replay_from = NULL, replay_next = NULL, replay_emptied = 0 WHERE ${rowOf(pipeline, table)}`,
      about(`giving up the replay of ${table}`),
      signal,
    );
  }
}

function rowOf(pipeline: string, table: string): string {
  return `pipeline = ${literal(pipeline)} AND tbl = ${literal(table)}`;
}

function about(doing: string): { doing: string; table: null; columns: readonly string[] } {
  return { doing, table: null, columns: [] };
}

function none(pipeline: string, table: string): PenstockError {
  return new PenstockError('PS4011', `the ledger of ${pipeline} has no such replay of ${table}`);
}
