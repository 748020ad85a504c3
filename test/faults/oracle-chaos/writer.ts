import type { FakeAdmin } from '../../fixtures/oracle-fake/admin-session.ts';
import { identityOf, type ModelChange, type NamedRow } from './model.ts';

/** Rows of one container as its sessions see them, and who has locked them. */
export class ContainerRows {
  readonly rows = new Map<string, { readonly table: string; readonly row: NamedRow }>();
  readonly locks = new Map<string, Writer>();
  /** Of the table without a key: one writer at a time. */
  loose: NamedRow[] = [];
  looseWriter: Writer | null = null;
  columns = ['ID', 'N'];
  ids = 0;

  /** Committed rows of a table that nobody has locked, and those of `writer`. */
  free(table: string, writer: Writer): NamedRow[] {
    return [...this.rows].flatMap(([key, found]) => {
      const lock = this.locks.get(key);
      return found.table === table && (lock === undefined || lock === writer) ? [found.row] : [];
    });
  }
}

/** A session that writes, and what its open transaction has done so far. */
export class Writer {
  readonly admin: FakeAdmin;
  readonly container: ContainerRows;
  readonly thread: number;
  /** Its transactions last long. */
  readonly isSlow: boolean;
  transaction: number | null = null;
  changes: ModelChange[] = [];
  savepoint: number | null = null;

  constructor(admin: FakeAdmin, container: ContainerRows, thread: number, isSlow: boolean) {
    this.admin = admin;
    this.container = container;
    this.thread = thread;
    this.isSlow = isSlow;
  }

  note(change: ModelChange): void {
    const { rows, locks } = this.container;
    this.changes.push(change);
    const { table, before, after } = change;
    if (table === 'LOOSE') return;
    for (const row of [before, after]) if (row !== null) locks.set(identityOf(table, row), this);
    if (before !== null) rows.delete(identityOf(table, before));
    if (after !== null) rows.set(identityOf(table, after), { table, row: after });
  }

  undoTo(mark: number): void {
    const { rows } = this.container;
    for (const { table, before, after } of this.changes.splice(mark).reverse()) {
      if (table === 'LOOSE') {
        const { loose } = this.container;
        if (after !== null)
          loose.splice(
            loose.findIndex((row) => sameRow(row, after)),
            1,
          );
        if (before !== null) loose.push(before);
        continue;
      }
      if (after !== null) rows.delete(identityOf(table, after));
      if (before !== null) rows.set(identityOf(table, before), { table, row: before });
    }
  }

  end(): void {
    for (const [key, writer] of this.container.locks) if (writer === this) this.container.locks.delete(key);
    if (this.container.looseWriter === this) this.container.looseWriter = null;
    this.transaction = null;
    this.changes = [];
    this.savepoint = null;
  }
}

function sameRow(a: NamedRow, b: NamedRow): boolean {
  return identityOf('LOOSE', a) === identityOf('LOOSE', b);
}
