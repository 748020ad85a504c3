import { createHash } from 'node:crypto';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { MisfitRow } from '../../sources/source-connector.ts';
import type { QuarantineAsked, QuarantineEntry, QuarantineMark } from '../destination.ts';
import type { Session } from './connection.ts';
import { literal } from './sql-text.ts';
import { tableExists } from './table-structure.ts';

/** `position`: where in the source's log, or which chunk. */
export type QuarantinedRow = MisfitRow & { readonly position: string };

/** Rows of one statement. */
const ROWS = 200;
const ID_DIGITS = 16;

/** Puts rows into the quarantine table, whose full name is `into`: one entry for each key and position, however often it is set aside. */
export async function setAside(
  session: Session,
  into: string,
  { pipeline, table }: { readonly pipeline: string; readonly table: string },
  misfits: readonly QuarantinedRow[],
  signal: AbortSignal,
): Promise<void> {
  for (let from = 0; from < misfits.length; from += ROWS) {
    const values = misfits.slice(from, from + ROWS).map((misfit, index) => {
      const { position, reason, column, row } = misfit;
      const key = misfit.key === undefined || misfit.key === null ? null : JSON.stringify(misfit.key);
      const id = entryId([table, position, key ?? [from + index, row]]);
      const texts = [pipeline, table, position, reason, column, JSON.stringify(row), id, key].map(literal);
      return `(${texts.join(', ')}, UTC_TIMESTAMP(6))`;
    });
    await session.run(
      `INSERT INTO ${into} (pipeline, tbl, position, reason, col, raw, id, row_key, at) VALUES ${values.join(', ')}` +
        ' ON DUPLICATE KEY UPDATE reason = VALUES(reason), col = VALUES(col), raw = VALUES(raw), at = VALUES(at)',
      { doing: `setting rows of ${table} aside`, table, columns: [] },
      signal,
    );
  }
}

/** The same for the same row, so that loading twice sets it aside once. Rows without a key are told apart by their places in the part. */
function entryId(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, ID_DIGITS);
}

/** The quarantine table as `quarantine` reads and clears it. */
export class QuarantineTable {
  readonly #session: Session;
  readonly #database: string;
  readonly #name: string;
  readonly #full: string;

  constructor(session: Session, database: string, name: string, full: string) {
    this.#session = session;
    this.#database = database;
    this.#name = name;
    this.#full = full;
  }

  async list({ pipeline, tables, before, limit }: QuarantineAsked, signal: AbortSignal): Promise<QuarantineEntry[]> {
    if (!(await tableExists(this.#session, this.#database, this.#name, signal))) return [];
    const conditions = [
      `pipeline = ${literal(pipeline)}`,
      ...(tables === null ? [] : [`tbl IN (${['', ...tables].map(literal).join(', ')})`]),
      ...(before === null
        ? []
        : [`(at < ${literal(before.at)} OR (at = ${literal(before.at)} AND id < ${literal(before.id)}))`]),
    ];
    const rows = await this.#session.rows(
      `SELECT id, at, tbl, col, reason, position, row_key, raw FROM ${this.#full} WHERE ${conditions.join(' AND ')}` +
        ` ORDER BY at DESC, id DESC LIMIT ${limit}`,
      about('listing the quarantine'),
      signal,
    );
    return rows.map((row) => ({
      id: row['id'] ?? '',
      at: row['at'] ?? '',
      table: row['tbl'] ?? '',
      column: row['col'] ?? '',
      reason: row['reason'] ?? '',
      position: row['position'] ?? '',
      key: row['row_key'] === null || row['row_key'] === undefined ? null : keyOf(row['row_key']),
      raw: row['raw'] ?? '',
    }));
  }

  async counts(pipeline: string, signal: AbortSignal): Promise<Map<string, number>> {
    if (!(await tableExists(this.#session, this.#database, this.#name, signal))) return new Map();
    const sql = `SELECT tbl, COUNT(*) AS entries FROM ${this.#full} WHERE pipeline = ${literal(pipeline)} GROUP BY tbl ORDER BY tbl`;
    const rows = await this.#session.rows(sql, about('counting the quarantine'), signal);
    return new Map(rows.map((row) => [row['tbl'] ?? '', Number(row['entries'])]));
  }

  async release(pipeline: string, entries: readonly QuarantineMark[], signal: AbortSignal): Promise<number> {
    let released = 0;
    for (let from = 0; from < entries.length; from += ROWS) {
      const some = entries.slice(from, from + ROWS);
      const chosen = some.map(({ id, at }) => `(id = ${literal(id)} AND at <= ${literal(at)})`).join(' OR ');
      const sql = `DELETE FROM ${this.#full} WHERE pipeline = ${literal(pipeline)} AND (${chosen})`;
      released += (await this.#session.run(sql, about('clearing the quarantine'), signal)).affectedRows;
    }
    return released;
  }
}

function keyOf(text: string): readonly string[] {
  const key: unknown = JSON.parse(text);
  if (Array.isArray(key) && key.every((one) => typeof one === 'string')) return key;
  throw new PenstockError('PS4008', 'an entry of the quarantine has a key that is none');
}

function about(doing: string): { doing: string; table: null; columns: readonly string[] } {
  return { doing, table: null, columns: [] };
}
