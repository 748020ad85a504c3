import type { RowDigest } from '../../sources/source-connector.ts';

/** A row that is not the same on both sides, as far as digests tell. */
export interface DigestDifference {
  readonly kind: 'missing at destination' | 'extra at destination' | 'different';
  readonly key: readonly string[];
  /** Tells two looks at a changing row apart. */
  readonly sourceDigest: string;
}

/** Merges two streams that ascend by key; holds one row of each side and yields what differs. */
export async function* compareDigests(
  source: AsyncIterable<RowDigest>,
  destination: AsyncIterable<RowDigest>,
): AsyncIterable<DigestDifference> {
  const [left, right] = [source[Symbol.asyncIterator](), destination[Symbol.asyncIterator]()];
  try {
    let [a, b] = [await left.next(), await right.next()];
    while (a.done !== true || b.done !== true) {
      const order = a.done === true ? 1 : b.done === true ? -1 : compareKey(a.value.key, b.value.key);
      if (order < 0 && a.done !== true) {
        yield { kind: 'missing at destination', key: a.value.key, sourceDigest: a.value.digest };
        a = await left.next();
      } else if (order > 0 && b.done !== true) {
        yield { kind: 'extra at destination', key: b.value.key, sourceDigest: '' };
        b = await right.next();
      } else if (a.done !== true && b.done !== true) {
        if (!sameRow(a.value, b.value)) yield { kind: 'different', key: a.value.key, sourceDigest: digestOf(a.value) };
        [a, b] = [await left.next(), await right.next()];
      }
    }
  } finally {
    await left.return?.();
    await right.return?.();
  }
}

function digestOf(row: RowDigest): string {
  return [row.digest, ...row.doubles].join('\n');
}

function sameRow(a: RowDigest, b: RowDigest): boolean {
  return a.digest === b.digest && a.doubles.every((text, index) => sameDouble(text, b.doubles[index] ?? null));
}

/** Databases print doubles differently; as numbers they are the same or not. MySQL and MariaDB have one zero: its sign does not count. */
function sameDouble(a: string | null, b: string | null): boolean {
  if (a === null || b === null) return a === b;
  return Number(a) === Number(b);
}

function compareKey(a: readonly string[], b: readonly string[]): number {
  for (const [index, text] of a.entries()) {
    const order = Buffer.compare(Buffer.from(text, 'utf8'), Buffer.from(b[index] ?? '', 'utf8'));
    if (order !== 0) return order;
  }
  return 0;
}
