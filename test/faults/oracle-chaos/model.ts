/** A row by its columns' names; texts as the destination has them, null is NULL. */
export type NamedRow = Readonly<Record<string, string | null>>;

export interface ModelChange {
  readonly table: string;
  readonly op: 'insert' | 'update' | 'delete' | 'truncate';
  readonly before: NamedRow | null;
  readonly after: NamedRow | null;
}

export interface CommittedTransaction {
  readonly scn: bigint;
  /** Without what was taken back; maybe none. */
  readonly changes: readonly ModelChange[];
}

/** What the source has done, as whoever wrote it knows: transactions in the order of their commits. */
export class Model {
  readonly committed: CommittedTransaction[] = [];
  /** Columns of the table whose structure changes that are gone by now. */
  readonly dropped = new Set<string>();

  commit(scn: bigint, changes: readonly ModelChange[]): void {
    this.committed.push({ scn, changes });
  }

  /** Of the first transaction behind an SCN. */
  indexBehind(scn: bigint): number {
    const found = this.committed.findIndex((transaction) => transaction.scn > scn);
    return found < 0 ? this.committed.length : found;
  }

  /** The rows of a table when so many transactions were committed, by {@link identityOf}, with how many of each there are. */
  rowsAt(table: string, index: number): Map<string, { readonly row: NamedRow; readonly count: number }> {
    const rows = new TableRows();
    for (const { changes } of this.committed.slice(0, index)) {
      for (const change of changes) if (change.table === table) rows.apply(change);
    }
    return rows.rows;
  }
}

/** Rows of one table. Forgives nothing. */
export class TableRows {
  readonly rows: Map<string, { readonly row: NamedRow; readonly count: number }>;

  constructor(rows: TableRows['rows'] = new Map()) {
    this.rows = new Map(rows);
  }

  apply({ table, op, before, after }: ModelChange): void {
    if (op === 'truncate') this.rows.clear();
    if (before !== null) this.#remove(identityOf(table, before));
    if (after !== null) this.#add(identityOf(table, after), after);
  }

  lines(): string[] {
    return [...this.rows.values()].map(({ row, count }) => `${count} ${JSON.stringify(sorted(row))}`).sort();
  }

  #add(key: string, row: NamedRow): void {
    const stood = this.rows.get(key);
    if (stood !== undefined && !key.startsWith('{')) throw new Error(`row ${key} is there twice`);
    this.rows.set(key, { row, count: (stood?.count ?? 0) + 1 });
  }

  #remove(key: string): void {
    const stood = this.rows.get(key);
    if (stood === undefined) throw new Error(`row ${key} is changed and not there`);
    if (stood.count === 1) this.rows.delete(key);
    else this.rows.set(key, { ...stood, count: stood.count - 1 });
  }
}

/** The key's value; of the table without a key the whole row. */
export function identityOf(table: string, row: NamedRow): string {
  return table === 'LOOSE' ? JSON.stringify(sorted(row)) : `${table} ${row['ID']}`;
}

function sorted(row: NamedRow): NamedRow {
  return Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
}
