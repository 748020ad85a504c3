import type { MergePart } from '../../../core/destinations/destination.ts';
import { sequenceText } from '../../../core/extracts/row-encoding.ts';
import { datetimeText } from '../../../core/changes/timestamp.ts';
import {
  byKeyInOrder,
  missingRow,
  type PartLine,
  type TargetRow,
  type TargetRows,
  type TargetVersion,
} from './target-rows.ts';
import type { TargetTable } from '../../../core/destinations/target-table.ts';
import { tableId } from '../../../core/changes/table-name.ts';

/** The values of a collected line, and the columns without one: `unsent` by the source, or `lacking` in the part's structure. */
interface CollectedValues {
  readonly row: TargetRow;
  readonly unsent: ReadonlySet<string>;
  readonly lacking: ReadonlySet<string>;
}

type CollectedVersion = CollectedValues & Omit<TargetVersion, 'row'>;

/** What a replay has collected: of a mirror the last line of each key (null: deleted), of a history its versions. */
export type Collected =
  | { readonly tag: 'mirror'; readonly lines: ReadonlyMap<string, CollectedValues | null> }
  | { readonly tag: 'history'; readonly versions: readonly CollectedVersion[] };

export interface Collection {
  readonly collected: Collected;
  /** The table itself: older versions that should have ended have. */
  readonly standing: TargetRows;
}

/** By the same rules as the statements of core/destinations/singlestore/replay-sql. `from`: the replay's first extract. */
export function collectPart(
  { collected, standing }: Collection,
  part: MergePart,
  lines: readonly PartLine[],
  from: number,
): Collection {
  if (collected.tag === 'mirror') return { collected: collectMirror(collected.lines, part, lines), standing };
  if (standing.tag !== 'history') throw new Error('a mirror has no versions');
  return collectHistory(collected.versions, standing.versions, part, lines, firstOf(from));
}

function collectMirror(
  before: ReadonlyMap<string, CollectedValues | null>,
  part: MergePart,
  lines: readonly PartLine[],
): Collected {
  const stood = part.truncatedAt === null ? before : new Map<string, CollectedValues | null>();
  const after = new Map(stood);
  for (const line of lines)
    if (line.op === 'U')
      after.set(
        line.key,
        valuesOf(part, line, (origin) => stood.get(origin) ?? null),
      );
  for (const line of lines) if (line.op === 'D') after.set(line.key, null);
  return { tag: 'mirror', lines: after };
}

function collectHistory(
  before: readonly CollectedVersion[],
  target: readonly TargetVersion[],
  part: MergePart,
  lines: readonly PartLine[],
  first: bigint,
): Collection {
  const { keeping, truncatedAt } = { keeping: part.target.keeping, truncatedAt: part.truncatedAt };
  if (keeping.tag !== 'history') throw new Error('a mirror has no versions');
  const { openEnd } = keeping;
  const ended = <Version extends Ended>(versions: readonly Version[], end: string, ends: (one: Version) => boolean) =>
    versions.map((version) => (version.end === openEnd && ends(version) ? { ...version, end } : version));
  let stood = before;
  let standing = target;
  if (truncatedAt !== null) {
    stood = ended(stood, datetimeText(truncatedAt), () => true);
    standing = ended(standing, datetimeText(truncatedAt), ({ sequence }) => sequence < first);
  }
  const open = new Map(stood.filter(({ end }) => end === openEnd).map((version) => [version.key, version]));
  const added: CollectedVersion[] = [];
  const begun = byKeyInOrder(lines);
  for (const [key, ordered] of begun) {
    ordered.forEach((line, index) => {
      if (line.op === 'D') return;
      const values = valuesOf(part, line, (origin) => open.get(origin) ?? null);
      added.push({ ...values, key, sequence: line.sequence, start: line.at, end: ordered[index + 1]?.at ?? openEnd });
    });
  }
  let versions = [...stood, ...added];
  for (const [key, [line]] of begun) {
    if (line === undefined) continue;
    versions = ended(versions, line.at, (one) => one.key === key && one.sequence < line.sequence);
    standing = ended(standing, line.at, (one) => one.key === key && one.sequence < first);
  }
  return { collected: { tag: 'history', versions }, standing: { tag: 'history', versions: standing } };
}

type Ended = Pick<TargetVersion, 'end' | 'key' | 'sequence'>;

function valuesOf(part: MergePart, line: PartLine, find: (origin: string) => CollectedValues | null): CollectedValues {
  const origin = line.origin === null ? null : find(line.origin);
  const row: Record<string, string | null> = {};
  const [unsent, lacking] = [new Set<string>(), new Set<string>()];
  for (const { name, inKey } of part.target.columns) {
    if (inKey) row[name] = line.row[name] ?? null;
    else if (!part.columns.includes(name)) lacking.add(name);
    else if (!line.absent.has(name)) row[name] = line.row[name] ?? null;
    else if (origin === null || origin.unsent.has(name)) unsent.add(name);
    else if (origin.lacking.has(name)) lacking.add(name);
    else row[name] = origin.row[name] ?? null;
  }
  return { row, unsent, lacking };
}

/** The table once what was collected is put into it. @throws PenstockError PS4007 */
export function putCollected(
  standing: TargetRows,
  collected: Collected,
  target: TargetTable,
  { emptied, from }: { readonly emptied: boolean; readonly from: number },
): TargetRows {
  if (collected.tag === 'mirror' && standing.tag === 'mirror') {
    const rows = new Map([...standing.rows].filter(([key]) => !emptied || (collected.lines.get(key) ?? null) !== null));
    for (const [key, values] of collected.lines) {
      if (values === null) rows.delete(key);
      else rows.set(key, finalRow(target, values, standing.rows.get(key)));
    }
    return { tag: 'mirror', rows };
  }
  if (collected.tag !== 'history' || standing.tag !== 'history') throw new Error('collected for another kind of table');
  const found = new Map(standing.versions.map((version) => [nameOf(version), version]));
  const made = collected.versions.map(({ key, sequence, start, end, ...values }) => {
    const stands = found.get(nameOf({ key, sequence }));
    return { key, sequence, start, end, row: finalRow(target, values, stands?.row) };
  });
  const older = standing.versions.filter(({ sequence }) => sequence < firstOf(from));
  return { tag: 'history', versions: [...older, ...made] };
}

function finalRow(target: TargetTable, { row, unsent, lacking }: CollectedValues, stands?: TargetRow): TargetRow {
  if (unsent.size > 0 && stands === undefined) throw missingRow(tableId(target.schema.table));
  const values = target.columns.map(({ name, backfill }) => {
    const isUnknown = unsent.has(name) || lacking.has(name);
    return [
      name,
      isUnknown ? (stands === undefined ? backfill : (stands[name] ?? null)) : (row[name] ?? null),
    ] as const;
  });
  // A column that the catalog does not know of yet keeps its values.
  return { ...stands, ...Object.fromEntries(values) };
}

function nameOf({ key, sequence }: Pick<TargetVersion, 'key' | 'sequence'>): string {
  return `${key} ${sequence}`;
}

export function firstOf(extract: number): bigint {
  return BigInt(sequenceText(extract, 0));
}
