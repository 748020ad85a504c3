import type { SqlText } from './sql-text.ts';

/** Values of a statement that is being written; each becomes a parameter, an equal one the same. */
export class BoundValues {
  readonly #values: string[] = [];

  /** The parameter that stands for the text: `@p1`. */
  text(value: string): string {
    const found = this.#values.indexOf(value);
    if (found !== -1) return `@p${found + 1}`;
    this.#values.push(value);
    return `@p${this.#values.length}`;
  }

  /** A whole number. */
  number(value: string | number): string {
    return `CONVERT(bigint, ${this.text(String(value))})`;
  }

  /** An LSN of 20 hexadecimal digits. */
  lsn(value: string): string {
    return `CONVERT(binary(10), ${this.text(value)}, 2)`;
  }

  /** The whole statement. */
  sql(text: string): SqlText {
    return { text, parameters: [...this.#values] };
  }
}

/** A statement without values, which is sent as a batch. */
export function batch(text: string): SqlText {
  return { text, parameters: [] };
}
