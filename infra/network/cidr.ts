/** Address ranges of IPv4 as numbers. Pure; texts are taken as the schema let them through: `a.b.c.d/n`. */

export interface Range {
  readonly first: number;
  readonly last: number;
}

const ADDRESS = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** An address as a number; null for a name. */
export function addressOf(host: string): number | null {
  const match = ADDRESS.exec(host);
  if (match === null) return null;
  const parts = match.slice(1).map(Number);
  return parts.some((part) => part > 255) ? null : parts.reduce((sum, part) => sum * 256 + part, 0);
}

export function rangeOf(cidr: string): Range {
  const [address = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor((addressOf(address) ?? 0) / size) * size;
  return { first, last: first + size - 1 };
}

export function isWithin(inner: Range, outer: Range): boolean {
  return inner.first >= outer.first && inner.last <= outer.last;
}

export function overlaps(a: Range, b: Range): boolean {
  return a.first <= b.last && b.first <= a.last;
}

export function prefixLength(cidr: string): number {
  return Number(cidr.split('/')[1]);
}

/** Ranges that no route on the Internet leads to: RFC 1918 and RFC 6598. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'].map(rangeOf);

export function isPrivate(cidr: string): boolean {
  const range = rangeOf(cidr);
  return PRIVATE.some((known) => isWithin(range, known));
}
