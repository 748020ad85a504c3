import type { LobStep } from '../redo/lob-redo.ts';

/** What a LOB holds, as far as the redo log tells it from its first character on; null: the rest of it is not told. */
export type LobContent =
  { readonly tag: 'text'; readonly text: string } | { readonly tag: 'raw'; readonly hex: string } | null;

/** A larger one is asked for: what is kept of a LOB is bounded. */
const MOST_CHARACTERS = 32 * 1024 * 1024;

/** Puts a LOB together of the steps that change it. What it held before is known only where it was made empty, or cut to nothing. */
export class LobValue {
  #pieces: string[] | null;
  /** In characters; bytes of a BLOB. */
  #length = 0;
  #units = 0;
  #kind: 'text' | 'raw' | null = null;

  constructor(isEmpty: boolean) {
    this.#pieces = isEmpty ? [] : null;
  }

  get content(): LobContent {
    if (this.#pieces === null) return null;
    const whole = this.#pieces.join('');
    return this.#kind === 'raw' ? { tag: 'raw', hex: whole } : { tag: 'text', text: whole };
  }

  /** Nobody knows what it holds. */
  lose(): void {
    this.#pieces = null;
  }

  apply(step: Exclude<LobStep, { readonly tag: 'locate' }>): void {
    switch (step.tag) {
      case 'write':
        this.#write(step);
        return;
      case 'trim':
        this.#trim(step.length);
        return;
      case 'erase':
        this.lose();
    }
  }

  #write({ content, amount, offset }: Extract<LobStep, { readonly tag: 'write' }>): void {
    if (content.tag === 'emptyString') return;
    const kind = content.tag === 'raw' ? 'raw' : 'text';
    const text = content.tag === 'raw' ? content.hex : content.text;
    const length = content.tag === 'raw' ? text.length / 2 : characters(text);
    // A piece that does not say what it is said to, one behind a hole, and one of another kind.
    const fits = length === amount && offset <= this.#length + 1 && (this.#kind ?? kind) === kind;
    if (this.#pieces === null || !fits) {
      this.lose();
      return;
    }
    this.#kind = kind;
    if (offset === this.#length + 1) this.#pieces.push(text);
    else this.#pieces = [overwritten(this.#pieces.join(''), kind, { text, length, offset })];
    this.#length = Math.max(this.#length, offset - 1 + length);
    this.#units += text.length;
    if (this.#units > MOST_CHARACTERS) this.lose();
  }

  #trim(length: number): void {
    if (length === 0) {
      this.#pieces = [];
      this.#units = 0;
    } else if (this.#pieces === null || length > this.#length) {
      this.lose();
      return;
    } else this.#pieces = [cut(this.#pieces.join(''), this.#kind, 0, length)];
    this.#length = length;
  }
}

function overwritten(
  whole: string,
  kind: 'text' | 'raw',
  piece: { readonly text: string; readonly length: number; readonly offset: number },
): string {
  const behind = cut(whole, kind, piece.offset - 1 + piece.length, Infinity);
  return cut(whole, kind, 0, piece.offset - 1) + piece.text + behind;
}

/** From one character to another, or from one byte to another. */
function cut(whole: string, kind: 'text' | 'raw' | null, from: number, to: number): string {
  if (kind === 'raw') return whole.slice(from * 2, to * 2);
  return characters(whole) === whole.length ? whole.slice(from, to) : Array.from(whole).slice(from, to).join('');
}

/** Code points, as Oracle counts them. */
function characters(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0xd800 && code < 0xdc00) count--;
  }
  return count;
}
