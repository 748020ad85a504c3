import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bytesText, count } from '../cli/output/quantities.ts';
import type { BenchOptions } from './options.ts';

interface Figure {
  readonly value: number;
  readonly unit: string;
  /** The design's goal; null: there is none. */
  readonly goal: string | null;
}

const NAME_WIDTH = 28;

/** Prints figures as they are found and keeps them for the file. */
export class Report {
  readonly #write: (line: string) => void;
  readonly #figures = new Map<string, Figure>();
  readonly #began = new Date();

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  title(text: string): void {
    this.#write(`\n${text}`);
  }

  note(text: string): void {
    this.#write(`  ${text}`);
  }

  /** A number with its unit; the name is also its key in the file. */
  figure(name: string, value: number, unit: string, goal: string | null = null): void {
    this.#figures.set(name, { value, unit, goal });
    const text = Math.abs(value) >= 100 ? count(value) : value.toFixed(value < 10 ? 2 : 1);
    this.#write(`  ${name.padEnd(NAME_WIDTH)} ${text.padStart(11)} ${unit}${goal === null ? '' : `   (goal ${goal})`}`);
  }

  ratio(name: string, value: number, goal: number): void {
    this.#figures.set(name, { value, unit: '', goal: `at least ${goal}` });
    const verdict = value >= goal ? 'reached' : 'missed';
    this.#write(`  ${name.padEnd(NAME_WIDTH)} ${value.toFixed(2).padStart(11)}   (goal at least ${goal}: ${verdict})`);
  }

  bytes(name: string, value: number, goal: number): void {
    this.#figures.set(name, { value, unit: 'bytes', goal: `below ${goal}` });
    const verdict = value < goal ? 'reached' : 'missed';
    const text = bytesText(value).padStart(11);
    this.#write(`  ${name.padEnd(NAME_WIDTH)} ${text}   (goal below ${bytesText(goal)}: ${verdict})`);
  }

  /** @returns the value of a figure that was reported; undefined: it was not */
  value(name: string): number | undefined {
    return this.#figures.get(name)?.value;
  }

  /** Writes what was found, and on what; @returns the file */
  async save(options: BenchOptions, versions: Readonly<Record<string, string>>): Promise<string> {
    const name = `${this.#began.toISOString().slice(0, 19).replaceAll(':', '')}Z.json`;
    const file = options.json ?? join(fileURLToPath(new URL('results', import.meta.url)), name);
    const content = {
      began: this.#began.toISOString(),
      ended: new Date().toISOString(),
      machine: {
        cores: cpus().length,
        processor: cpus()[0]?.model ?? 'unknown',
        memoryBytes: totalmem(),
        platform: `${process.platform} ${process.arch}`,
      },
      versions,
      settings: options,
      figures: Object.fromEntries(this.#figures),
    };
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${JSON.stringify(content, null, 2)}\n`);
    return file;
  }
}
