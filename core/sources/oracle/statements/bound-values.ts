import type { SqlText } from './sql-text.ts';

/** Values of a statement that is being written; each becomes a bind, an equal one the same. */
export class BoundValues {
  readonly #values: string[] = [];

  /** The bind that stands for the text: `:b1`. */
  text(value: string): string {
    const found = this.#values.indexOf(value);
    if (found !== -1) return `:b${found + 1}`;
    this.#values.push(value);
    return `:b${this.#values.length}`;
  }

  /** A whole number of any size, SCNs too. */
  number(value: string | number): string {
    return `TO_NUMBER(${this.text(String(value))})`;
  }

  /** The whole statement. */
  sql(text: string): SqlText {
    return { text, binds: [...this.#values] };
  }
}

/** A statement without values. */
export function plain(text: string): SqlText {
  return { text, binds: [] };
}
