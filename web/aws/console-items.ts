import * as z from 'zod';
import type { ItemTable } from '../../core/catalog/item-table.ts';
import { hasCode } from '../../core/errors/penstock-error.ts';
import type { AuditLog, Notes, NotesStore } from '../api/console-host.ts';
import { defaultNotes, storedNotes } from '../api/notes/stored-notes.ts';
import { auditEntry, type AuditEntry } from '../api/schemas/settings.ts';

/**
 * What the console keeps of a pipeline lies in the catalog's table, in a partition of its own: the console's role may write there, and
 * nothing that is the pipeline's.
 */
export function consolePartition(pipeline: string): string {
  return `console#${pipeline}`;
}

/** The console's notes of an instance, as one item. */
export class NotesItem implements NotesStore {
  readonly #items: ItemTable;
  readonly #pipeline: string;

  constructor(items: ItemTable, pipeline: string) {
    this.#items = items;
    this.#pipeline = pipeline;
  }

  async read(): Promise<Notes> {
    const item = await this.#items.get(this.#key);
    return storedNotes.safeParse(item?.value).data ?? defaultNotes(this.#pipeline);
  }

  /** The last one who writes is right. */
  async write({ icon, userDefined, kept }: Notes): Promise<void> {
    const value = storedNotes.parse({ icon, userDefined, kept });
    for (;;) {
      const before = await this.#items.get(this.#key);
      try {
        await this.#items.put(this.#key, value, before?.version ?? null);
        return;
      } catch (error) {
        if (!hasCode(error, 'PS3005')) throw error;
      }
    }
  }

  get #key(): { partition: string; sort: string } {
    return { partition: consolePartition(this.#pipeline), sort: 'notes' };
  }
}

const AUDIT = 'audit#';
const place = z.string().startsWith(AUDIT);

/** Who changed what, an item each. The console's role may not delete, and writes on the condition that there is none. */
export class AuditItems implements AuditLog {
  readonly #items: ItemTable;
  readonly #pipeline: string;
  readonly #identifier: () => string;

  /** `identifier`: tells two changes of one moment apart. */
  constructor(items: ItemTable, pipeline: string, identifier: () => string) {
    this.#items = items;
    this.#pipeline = pipeline;
    this.#identifier = identifier;
  }

  async append(entry: AuditEntry): Promise<void> {
    const sort = `${AUDIT}${entry.at}#${this.#identifier().slice(0, 8)}`;
    await this.#items.put({ partition: consolePartition(this.#pipeline), sort }, { ...entry }, null);
  }

  /** `after`: the sort key of the last one of the page before. */
  async list(after: string | null, limit: number): Promise<{ items: AuditEntry[]; next: string | null }> {
    const found = await this.#items.list({
      partition: consolePartition(this.#pipeline),
      prefix: AUDIT,
      after: place.safeParse(after).data ?? null,
      limit,
      descending: true,
    });
    // One of another version is left out rather than hiding all others.
    const items = found.flatMap(({ value }) => auditEntry.safeParse(value).data ?? []);
    return { items, next: found.length < limit ? null : (found.at(-1)?.key.sort ?? null) };
  }
}
