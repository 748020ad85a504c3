import type { RowChange, RowValues } from '../../../core/changes/change.ts';
import type { CopyMark } from '../../../core/changes/copy-mark.ts';
import { rowHash } from '../../../core/changes/row-digest.ts';
import { keyOrdinals, type TableSchema } from '../../../core/changes/table-schema.ts';
import { CopyFilter } from '../../../core/extracts/copy-filter.ts';
import type { ReadTransaction } from './reading.ts';

type Row = readonly (string | null)[];

/**
 * A table in memory that forgives nothing: a row that is inserted twice, or changed without being there, is an error. `net`: of a source
 * that tells what became of rows at last, new rows come as updates, and rows may be deleted that are not there.
 */
export class Replica {
  readonly #isNet: boolean;
  readonly #schema: TableSchema;
  readonly #keys: readonly number[];
  /** By key; of a table without a key by the row itself. */
  readonly #rows = new Map<string, { row: Row; count: number }>();

  constructor(schema: TableSchema, tells: 'every version' | 'net' = 'every version') {
    this.#isNet = tells === 'net';
    this.#schema = schema;
    this.#keys = keyOrdinals(schema);
  }

  /** Rows of a chunk; of a table without a key their hash comes first, and must be right. */
  load(rows: readonly Row[]): void {
    for (const row of rows) {
      if (this.#schema.identity.tag === 'key') this.#insert(row);
      else {
        const [hash, ...values] = row;
        if (hash !== rowHash(values)) throw new Error('the hash of a copied row is not that of its values');
        this.#insert(values);
      }
    }
  }

  apply(change: RowChange): void {
    const { op, before, after } = change;
    if (change.misfit !== null) throw new Error(`${op}: a value does not fit: ${change.misfit.reason}`);
    if (this.#isNet) {
      this.#applyNet(change);
      return;
    }
    if (op === 'insert' || after === null) {
      if (before !== null) this.#remove(before);
      if (after !== null) this.#insert(this.#whole(after, null));
      return;
    }
    const stood = this.#remove(before ?? after);
    this.#insert(this.#whole(after, stood));
  }

  #applyNet({ op, before, after }: RowChange): void {
    if (op === 'insert') throw new Error('what tells the net of changes knows no insert');
    const touched = before ?? after ?? [];
    if (this.#rows.has(this.#keyOf(touched))) this.#remove(touched);
    if (after !== null) this.#insert(this.#whole(after, null));
  }

  /** Applies what the copy does not hold: transactions that began at or behind their chunk's mark. */
  applyBehind(marks: readonly CopyMark[], transactions: readonly ReadTransaction[]): void {
    const filter = new CopyFilter(marks);
    const { schema, name } = this.#schema.table;
    for (const { order, changes } of transactions) {
      for (const change of changes) {
        if (change.schema.table.name !== name || change.schema.table.schema !== schema) continue;
        const remainder = filter.remainder(change, order);
        if (remainder !== null) this.apply(remainder);
      }
    }
  }

  /** All rows as texts, sorted. */
  lines(): string[] {
    return [...this.#rows.values()]
      .flatMap(({ row, count }) => Array.from({ length: count }, () => lineOf(row)))
      .sort();
  }

  #insert(row: Row): void {
    const key = this.#keyOf(row);
    const stood = this.#rows.get(key);
    if (stood !== undefined && this.#schema.identity.tag === 'key') throw new Error(`row ${key} is inserted twice`);
    this.#rows.set(key, { row, count: (stood?.count ?? 0) + 1 });
  }

  #remove(values: RowValues): Row {
    const key = this.#keyOf(values);
    const stood = this.#rows.get(key);
    if (stood === undefined) throw new Error(`row ${key} is changed and not there`);
    for (const [ordinal, value] of values.entries()) {
      if (value !== undefined && this.#keys.includes(ordinal) && value !== stood.row[ordinal])
        throw new Error(`row ${key}: the log and the copy have other texts for its key`);
    }
    if (stood.count === 1) this.#rows.delete(key);
    else stood.count--;
    return stood.row;
  }

  #whole(values: RowValues, stood: Row | null): Row {
    return values.map((value, ordinal) => {
      if (value !== undefined) return value;
      if (stood === null) throw new Error(`a new row lacks column ${this.#schema.columns[ordinal]?.name ?? ordinal}`);
      return stood[ordinal] ?? null;
    });
  }

  #keyOf(values: RowValues): string {
    return JSON.stringify(
      this.#schema.identity.tag === 'row' ? values : this.#keys.map((ordinal) => values[ordinal] ?? null),
    );
  }
}

/** A row as one text, for comparisons. */
export function lineOf(row: readonly (string | null)[]): string {
  return JSON.stringify(row);
}

/** Rows as the source has them, as {@link Replica.lines}. */
export function sortedLines(rows: readonly Row[]): string[] {
  return rows.map(lineOf).sort();
}
