import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { Notes, NotesStore } from '../api/console-host.ts';
import { defaultNotes, storedNotes } from '../api/notes/stored-notes.ts';
import { writeWholeFile } from './whole-file.ts';

const keptNotes = storedNotes.extend({
  /** Whether somebody opened it: it goes on when the console starts again. */
  opened: z.boolean().default(false),
});
export type KeptNotes = z.infer<typeof keptNotes>;

/** The console's own notes of an instance, in a file. */
export class NotesFile implements NotesStore {
  readonly #path: string;
  readonly #fallback: KeptNotes;

  constructor(path: string, name: string) {
    this.#path = path;
    this.#fallback = keptNotes.parse({ ...defaultNotes(name), opened: false });
  }

  async read(): Promise<KeptNotes> {
    const text = await readFile(this.#path, 'utf8').catch(() => null);
    if (text === null) return this.#fallback;
    return keptNotes.parse(JSON.parse(text));
  }

  async write({ icon, userDefined, kept }: Notes): Promise<void> {
    const { opened } = await this.read();
    await this.#put({ icon, userDefined, kept: structuredClone(kept), opened });
  }

  async markOpened(): Promise<void> {
    const notes = await this.read();
    if (!notes.opened) await this.#put({ ...notes, opened: true });
  }

  async #put(notes: KeptNotes): Promise<void> {
    await writeWholeFile(this.#path, `${JSON.stringify(notes, null, 2)}\n`);
  }
}
