/** How many lines of a part say what becomes of a row. */
export interface OpCounts {
  readonly upserts: number;
  readonly deletes: number;
}

const LINE_FEED = 0x0a;
const UPSERT = 'U'.charCodeAt(0);

/**
 * Counts the `U` and `D` lines of a part while its bytes go by: a line's first byte is its `__op`, and a line feed inside
 * a value is always escaped. Which statements a merge needs is known from it without a query.
 */
export function countOps(bytes: AsyncIterable<Buffer>): { readonly bytes: AsyncIterable<Buffer>; counts(): OpCounts } {
  let upserts = 0;
  let lines = 0;
  let atLineStart = true;
  const count = (buffer: Buffer): void => {
    let at = 0;
    while (at < buffer.length) {
      if (atLineStart && buffer[at] === UPSERT) upserts++;
      const end = buffer.indexOf(LINE_FEED, at);
      atLineStart = end >= 0;
      if (end < 0) return;
      lines++;
      at = end + 1;
    }
  };
  return {
    bytes: passing(bytes, count),
    counts: () => ({ upserts, deletes: lines - upserts }),
  };
}

async function* passing(bytes: AsyncIterable<Buffer>, look: (buffer: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const buffer of bytes) {
    look(buffer);
    yield buffer;
  }
}
