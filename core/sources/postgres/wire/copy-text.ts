import type { CopyOut } from './copy-out.ts';

const BACKSLASH = 0x5c;
const LETTER_F = 0x66;
const FORM_FEED = 0x0c;
const VERTICAL_TAB = 0x0b;
const ESCAPED_FORM_FEED = Buffer.from('\\f');
const ESCAPED_VERTICAL_TAB = Buffer.from('\\v');
const NOTHING = Buffer.alloc(0);

/**
 * COPY's text format → LOAD DATA's dialect. They differ in `\f` and `\v`, which LOAD DATA reads as `f` and `v`:
 * the characters themselves are written instead. `\b`, `\n`, `\r`, `\t`, `\\` and `\N` mean the same in both.
 * Buffers may end anywhere, also within an escape; they are changed in place.
 */
export class CopyTextFilter {
  /** The backslash at the end of the last buffer, if it began an escape. */
  #held: Buffer = NOTHING;

  /** The bytes that can be passed on. */
  push(bytes: Buffer): Buffer {
    if (bytes.length === 0) return NOTHING;
    const whole = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    this.#held = NOTHING;
    const cut = endsInEscape(whole) ? whole.length - 1 : whole.length;
    if (cut < whole.length) this.#held = Buffer.from(whole.subarray(cut));
    return withoutPageEscapes(whole.subarray(0, cut));
  }
}

/** Whether the last byte is a backslash that begins an escape: the run of backslashes at the end is odd. */
function endsInEscape(bytes: Buffer): boolean {
  return backslashesBefore(bytes, bytes.length) % 2 === 1;
}

function backslashesBefore(bytes: Buffer, end: number): number {
  let index = end;
  while (index > 0 && bytes[index - 1] === BACKSLASH) index--;
  return end - index;
}

function withoutPageEscapes(bytes: Buffer): Buffer {
  let feed = bytes.indexOf(ESCAPED_FORM_FEED);
  let tab = bytes.indexOf(ESCAPED_VERTICAL_TAB);
  let written = 0;
  let read = 0;
  while (feed !== -1 || tab !== -1) {
    const at = feed === -1 ? tab : tab === -1 ? feed : Math.min(feed, tab);
    // Two backslashes are one character, and the letter after them is only a letter.
    if (backslashesBefore(bytes.subarray(read), at - read) % 2 === 0) {
      if (written !== read) bytes.copyWithin(written, read, at);
      written += at - read;
      bytes[written] = bytes[at + 1] === LETTER_F ? FORM_FEED : VERTICAL_TAB;
      written += 1;
      read = at + 2;
    }
    if (at === feed) feed = bytes.indexOf(ESCAPED_FORM_FEED, at + 1);
    else tab = bytes.indexOf(ESCAPED_VERTICAL_TAB, at + 1);
  }
  if (read === 0) return bytes;
  bytes.copyWithin(written, read, bytes.length);
  return bytes.subarray(0, written + bytes.length - read);
}

/** The bodies of a COPY's messages, closed up to one buffer per buffer of the socket, in LOAD DATA's dialect. */
export async function* loadableBytes(copy: CopyOut): AsyncGenerator<Buffer> {
  const filter = new CopyTextFilter();
  while (await copy.more()) {
    let written = 0;
    let { buffer } = copy;
    while (copy.next()) {
      ({ buffer } = copy);
      buffer.copyWithin(written, copy.start, copy.end);
      written += copy.end - copy.start;
    }
    if (written > 0) yield filter.push(buffer.subarray(0, written));
  }
}
