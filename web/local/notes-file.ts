import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Notes, NotesStore } from '../api/console-host.ts';
import { settings } from '../api/schemas/settings.ts';
import { writeWholeFile } from './whole-file.ts';

const keptNotes = z.strictObject({
  icon: settings.shape.instance.shape.icon,
  userDefined: settings.shape.userDefined,
  kept: z
    .record(z.string(), z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])))
    .default({}),
  /** Whether somebody opened it: it goes on when the console starts again. */
  opened: z.boolean().default(false),
});
export type KeptNotes = z.infer<typeof keptNotes>;

const COLORS = ['#0972d3', '#037f0c', '#8d6605', '#7d2105', '#6b3fa0', '#00708a'] as const;

/** The console's own notes of an instance, in a file. */
export class NotesFile implements NotesStore {
  readonly #path: string;
  readonly #fallback: KeptNotes;

  constructor(path: string, name: string) {
    this.#path = path;
    const sum = Buffer.from(name).reduce((total, byte) => total + byte, 0);
    const color = COLORS[sum % COLORS.length] ?? COLORS[0];
    this.#fallback = {
      icon: { text: name.slice(0, 2).toUpperCase(), color },
      userDefined: null,
      kept: {},
      opened: false,
    };
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
