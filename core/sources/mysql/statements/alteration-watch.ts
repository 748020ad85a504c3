import * as z from 'zod';
import type { Alteration } from './alter-table.ts';

/**
 * What is remembered of a table whose structure changed, until all is certain. It is part of a position's resume text,
 * so that a reader that is started again between two alterations knows it too.
 */
export const alterationNotes = z.record(
  z.string(),
  z.object({
    /** Columns that were added and did not appear in a table map yet; true: their default was changed since. */
    added: z.record(z.string(), z.boolean()),
    /** Columns that were described from information_schema as it was at the place `until`, null: all. */
    described: z.array(z.string()).nullable(),
    /** The order of that place; empty: nothing was described. */
    until: z.string(),
  }),
);
export type AlterationNotes = Readonly<z.output<typeof alterationNotes>>;

interface Note {
  readonly added: Map<string, boolean>;
  described: ReadonlySet<string> | null;
  until: string;
}

/**
 * information_schema says what a table is now, the log what it was then. For what only the first has (defaults that older rows got,
 * which bytes are a UUID) it is right as long as no alteration lies between. This class finds the ones that do.
 */
export class AlterationWatch {
  readonly #notes: Map<string, Note>;

  constructor(notes: AlterationNotes) {
    this.#notes = new Map(
      Object.entries(notes).map(([table, { added, described, until }]) => [
        table,
        { added: new Map(Object.entries(added)), described: described === null ? null : new Set(described), until },
      ]),
    );
  }

  /**
   * A table was altered at a place of the log.
   * @returns why it cannot be followed over this alteration, or null
   */
  altered(table: string, order: string, alteration: Alteration): string | null {
    const note = this.#note(table);
    const changed = [...alteration.touched, ...alteration.dropped, ...alteration.added];
    const isDescribed = order <= note.until;
    const endangered = isDescribed ? changed.find((name) => has(note.described, name)) : undefined;
    for (const name of alteration.touched) if (note.added.has(key(name))) note.added.set(key(name), true);
    for (const name of alteration.dropped) note.added.delete(key(name));
    for (const name of alteration.added) note.added.set(key(name), false);
    if (note.added.size === 0 && !isDescribed) this.#notes.delete(table);
    if (endangered === undefined) return null;
    return `column ${endangered} was altered twice before the first alteration was read`;
  }

  /** Whether a column was added whose default was another one when it was. */
  isUncertain(table: string, column: string): boolean {
    return this.#notes.get(table)?.added.get(key(column)) === true;
  }

  /**
   * A table was described as it was at the place `until`, for rows before it.
   * `trusted`: columns whose form was taken from there; null: all.
   */
  described(table: string, trusted: readonly string[] | null, until: string): void {
    const note = this.#note(table);
    const described = trusted === null ? null : new Set([...trusted.map(key), ...note.added.keys()]);
    if (described?.size === 0) {
      this.#notes.delete(table);
      return;
    }
    note.added.clear();
    note.described = described;
    note.until = until;
  }

  /** The table is another one. */
  forget(table: string): void {
    this.#notes.delete(table);
  }

  /** What is still open at a place; null: nothing. */
  notesAt(order: string): AlterationNotes | null {
    if (this.#notes.size === 0) return null;
    const open: Record<string, AlterationNotes[string]> = {};
    for (const [table, { added, described, until }] of this.#notes) {
      if (added.size === 0 && until <= order) this.#notes.delete(table);
      else {
        open[table] = {
          added: Object.fromEntries(added),
          described: described === null ? null : [...described],
          until,
        };
      }
    }
    return this.#notes.size === 0 ? null : open;
  }

  #note(table: string): Note {
    const note = this.#notes.get(table) ?? {
      added: new Map<string, boolean>(),
      described: new Set<string>(),
      until: '',
    };
    this.#notes.set(table, note);
    return note;
  }
}

/** Columns' names are compared without case by every server. */
function key(column: string): string {
  return column.toLowerCase();
}

function has(described: ReadonlySet<string> | null, column: string): boolean {
  return described === null || described.has(key(column));
}
