import type { RowChange } from '../../../changes/change.ts';
import { rowKeyOf } from '../../../changes/row-key.ts';
import type { LoggedTable } from '../logged-table.ts';

/** Keys that are kept; where there are more in a transaction, all changes of the table count. */
const MOST_KEYS = 100_000;

/** The rows that were asked for in a transaction: they were told as its end left them, and so are their later changes. */
export class AskedKeys {
  readonly #keys = new Map<string, Set<string> | 'all'>();

  clear(): void {
    this.#keys.clear();
  }

  /** Whether the change is of a row that was told as it is at the end. */
  has({ id, hasKey }: LoggedTable, { schema, before, after }: RowChange): boolean {
    const keys = this.#keys.get(id);
    if (keys === undefined || !hasKey || after === null) return false;
    if (keys === 'all') return true;
    return keys.has(rowKeyOf(schema, after)) || (before !== null && keys.has(rowKeyOf(schema, before)));
  }

  add({ id, hasKey }: LoggedTable, { schema, after }: RowChange): void {
    const keys = this.#keys.get(id) ?? new Set<string>();
    if (!hasKey || after === null || keys === 'all') return;
    keys.add(rowKeyOf(schema, after));
    this.#keys.set(id, keys.size > MOST_KEYS ? 'all' : keys);
  }
}
