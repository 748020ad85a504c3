/** MariaDB's UUID, INET4 and INET6 as the server prints them, from the bytes of a row image. */

const UUID_BYTES = 16;
const VERSION_AT = 6;
const VARIANT_AT = 8;

/**
 * MariaDB keeps UUIDs of versions 1 to 5 with their parts in reverse order, so that they sort by time (sql/sql_type_uuid.h).
 * Before 10.11.5 (and its like in other series) all were kept so; `alwaysSwapped` says that it is such a server.
 */
export function uuidText(bytes: Buffer, at: number, alwaysSwapped: boolean): string {
  const hex = bytes.toString('hex', at, at + UUID_BYTES);
  const isSwapped = alwaysSwapped || isKeptSwapped(bytes, at);
  const parts = isSwapped
    ? [
        [24, 32],
        [20, 24],
        [16, 20],
        [12, 16],
        [0, 12],
      ]
    : [
        [0, 8],
        [8, 12],
        [12, 16],
        [16, 20],
        [20, 32],
      ];
  return parts.map(([from, to]) => hex.slice(from, to)).join('-');
}

/** In the swapped form the variant's high bit stands in byte 6; byte 8 holds the version, which is not 0. */
function isKeptSwapped(bytes: Buffer, at: number): boolean {
  const variant = bytes[at + VERSION_AT] ?? 0;
  const version = bytes[at + VARIANT_AT] ?? 0;
  return (variant & -version & 0x80) !== 0;
}

export function inet4Text(bytes: Buffer, at: number): string {
  return `${bytes[at] ?? 0}.${bytes[at + 1] ?? 0}.${bytes[at + 2] ?? 0}.${bytes[at + 3] ?? 0}`;
}

const INET6_GROUPS = 8;

/**
 * The longest run of zero groups, the first of equals and even a single one, becomes `::`; addresses that hold one of IPv4
 * (`::1.2.3.4`, `::ffff:1.2.3.4`) end with it.
 */
export function inet6Text(bytes: Buffer, at: number): string {
  const groups = Array.from({ length: INET6_GROUPS }, (_, index) => bytes.readUInt16BE(at + 2 * index));
  const gap = longestGap(groups);
  let text = '';
  for (let index = 0; index < INET6_GROUPS; index++) {
    if (index === gap.start) {
      text += gap.start === 0 ? '::' : ':';
      index += gap.length - 1;
      continue;
    }
    if (index === INET6_GROUPS - 2 && holdsInet4(groups, gap)) return text + inet4Text(bytes, at + 12);
    text += (groups[index] ?? 0).toString(16);
    if (index < INET6_GROUPS - 1) text += ':';
  }
  return text;
}

interface Gap {
  readonly start: number;
  readonly length: number;
}

function longestGap(groups: readonly number[]): Gap {
  let best: Gap = { start: -1, length: 0 };
  let start = -1;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = -1;
    else if (start === -1) start = index;
    if (start !== -1 && index - start + 1 > best.length) best = { start, length: index - start + 1 };
  }
  return best;
}

function holdsInet4(groups: readonly number[], gap: Gap): boolean {
  return gap.start === 0 && (gap.length === 6 || (gap.length === 5 && groups[5] === 0xffff));
}
