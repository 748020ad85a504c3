import type { CopyRun } from '../../../core/destinations/destination.ts';
import { decodeLine } from '../../../core/extracts/row-encoding.ts';
import { datetimeText } from '../../../core/changes/timestamp.ts';
import { rowHash } from '../../../core/changes/row-digest.ts';
import { PenstockError } from '../../../core/errors/penstock-error.ts';
import { tableId } from '../../../core/changes/table-name.ts';
import type { TargetRow, TargetRows, TargetVersion } from './target-rows.ts';

interface Copy {
  readonly generation: number;
  readonly chunks: Set<number>;
  readonly rows: { readonly row: TargetRow; readonly hash: string | null; readonly takenAt: string }[];
  isFinished: boolean;
}

/** Copies that are being made, beside the tables that they will replace. */
export class Copies {
  readonly #copies = new Map<string, Copy>();

  /** @returns false when it was begun before @throws PenstockError PS4006 for a copy that a newer one has replaced */
  begin(run: CopyRun): boolean {
    const id = tableId(run.target.schema.table);
    if ((this.#copies.get(id)?.generation ?? 0) === run.generation) return false;
    this.#refuseOlder(run);
    this.#copies.set(id, { generation: run.generation, chunks: new Set(), rows: [], isFinished: false });
    return true;
  }

  /** @returns true when the chunk was loaded before */
  load(run: CopyRun, index: number, rows: number, bytes: Buffer): boolean {
    const copy = this.#copy(run);
    if (copy.chunks.has(index)) return true;
    const { schema } = run.target;
    const lines = bytes.toString('utf8').split('\n').slice(0, -1);
    if (lines.length !== rows) throw new Error(`a chunk has ${lines.length} lines, not ${rows}`);
    for (const line of lines) {
      const fields = decodeLine(line);
      const hash = schema.identity.tag === 'row' ? (fields.shift() ?? null) : null;
      if (fields.length !== schema.columns.length) throw new Error(`a chunk's line has ${fields.length} fields`);
      if (hash !== null && hash !== rowHash(fields)) throw new Error('a row hash in a chunk is wrong');
      const row = Object.fromEntries(schema.columns.map(({ name }, place) => [name, fields[place] ?? null]));
      copy.rows.push({ row, hash, takenAt: datetimeText(run.takenAt) });
    }
    copy.chunks.add(index);
    return false;
  }

  /** The rows that replace the table's; null when they did already. */
  finish(run: CopyRun): TargetRows | null {
    const copy = this.#copy(run);
    if (copy.isFinished) return null;
    copy.isFinished = true;
    return rowsOf(run, copy);
  }

  #copy(run: CopyRun): Copy {
    this.#refuseOlder(run);
    const copy = this.#copies.get(tableId(run.target.schema.table));
    if (copy?.generation !== run.generation) throw new PenstockError('PS4008', 'the copy was not begun');
    return copy;
  }

  #refuseOlder(run: CopyRun): void {
    const found = this.#copies.get(tableId(run.target.schema.table))?.generation ?? 0;
    if (found > run.generation) throw new PenstockError('PS4006', `copy ${run.generation} was replaced by ${found}`);
  }
}

function rowsOf(run: CopyRun, copy: Copy): TargetRows {
  const { schema, keeping } = run.target;
  if (schema.identity.tag === 'row') {
    const rows = new Map<string, { row: TargetRow; copies: number }>();
    for (const { row, hash } of copy.rows) {
      rows.set(hash ?? '', { row, copies: (rows.get(hash ?? '')?.copies ?? 0) + 1 });
    }
    return { tag: 'row', rows };
  }
  const { columns } = schema.identity;
  const keyed = copy.rows.map(({ row, takenAt }) => ({
    key: JSON.stringify(columns.map((name) => row[name])),
    row,
    takenAt,
  }));
  if (new Set(keyed.map(({ key }) => key)).size !== keyed.length) {
    throw new PenstockError('PS4004', `a key of ${tableId(schema.table)} was copied twice`, {
      table: tableId(schema.table),
    });
  }
  if (keeping.tag === 'mirror') return { tag: 'mirror', rows: new Map(keyed.map(({ key, row }) => [key, row])) };
  const versions = keyed.map(({ key, row, takenAt }): TargetVersion => ({
    key,
    row,
    sequence: 0n,
    start: takenAt,
    end: keeping.openEnd,
  }));
  return { tag: 'history', versions };
}
