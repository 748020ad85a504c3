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
import { LAST_INDEX } from './repair-rows.ts';
import { tableId } from '../../../core/changes/table-name.ts';

/** The values of a collected line, and the columns without one: `unsent` by the source, or `lacking` in the part's structure. */
interface CollectedValues {
  readonly row: TargetRow;
  readonly unsent: ReadonlySet<string>;
  readonly lacking: ReadonlySet<string>;
}

type CollectedVersion = CollectedValues &
  Omit<TargetVersion, 'row'> & {
    /** The sequence of what ended it; null as long as it is open. */
    readonly until: bigint | null;
  };

/** The last line of a key; `deleted`: its row went, `set aside`: nothing is known of it. */
type CollectedLine = CollectedValues | 'deleted' | 'set aside';

/** What a replay has collected: of a mirror the last line of each key, of a history its versions. */
export type Collected =
  | { readonly tag: 'mirror'; readonly lines: ReadonlyMap<string, CollectedLine> }
  | { readonly tag: 'history'; readonly versions: readonly CollectedVersion[] };

export interface Collection {
  readonly collected: Collected;
  /** The table itself: older versions that should have ended have. */
  readonly standing: TargetRows;
}

/** Where a part is: `from`: the replay's first extract. */
interface CollectedPlace {
  readonly from: number;
  readonly extract: number;
}

/** By the same rules as the statements of core/destinations/singlestore/replay-sql. */
export function collectPart(
  { collected, standing }: Collection,
  part: MergePart,
  lines: readonly PartLine[],
  place: CollectedPlace,
): Collection {
  if (collected.tag === 'mirror') return { collected: collectMirror(collected.lines, part, lines), standing };
  if (standing.tag !== 'history') throw new Error('a mirror has no versions');
  return collectHistory(collected.versions, standing.versions, part, lines, place);
}

function collectMirror(
  before: ReadonlyMap<string, CollectedLine>,
  part: MergePart,
  lines: readonly PartLine[],
): Collected {
  const stood = part.truncatedAt === null ? before : new Map<string, CollectedLine>();
  const after = new Map(stood);
  for (const line of lines)
    if (line.op === 'U')
      after.set(
        line.key,
        valuesOf(part, line, (origin) => knownValues(stood.get(origin))),
      );
  for (const line of lines) if (line.op === 'D') after.set(line.key, 'deleted');
  const upserted = new Set(lines.filter(({ op }) => op === 'U').map(({ key }) => key));
  for (const { key } of part.misfits) {
    const name = JSON.stringify(key ?? null);
    if (name !== 'null' && !upserted.has(name)) after.set(name, 'set aside');
  }
  return { tag: 'mirror', lines: after };
}

function knownValues(line: CollectedLine | undefined): CollectedValues | null {
  return line === undefined || line === 'deleted' || line === 'set aside' ? null : line;
}

function collectHistory(
  before: readonly CollectedVersion[],
  target: readonly TargetVersion[],
  part: MergePart,
  lines: readonly PartLine[],
  { from, extract }: CollectedPlace,
): Collection {
  const { keeping, truncatedAt } = { keeping: part.target.keeping, truncatedAt: part.truncatedAt };
  if (keeping.tag !== 'history') throw new Error('a mirror has no versions');
  const { openEnd } = keeping;
  const ended = <Version extends Ended>(
    versions: readonly Version[],
    changed: Partial<Version>,
    ends: (one: Version) => boolean,
  ): Version[] =>
    versions.map((version) => (version.end === openEnd && ends(version) ? { ...version, ...changed } : version));
  /** Versions in the table that are not the replay's. */
  const isOther = (sequence: bigint, before: bigint): boolean =>
    sequence < firstOf(from) || (isRepaired(sequence) && sequence < before);
  let stood = before;
  let standing = target;
  if (truncatedAt !== null) {
    const [end, until] = [datetimeText(truncatedAt), firstOf(extract)];
    stood = ended(stood, { end, until }, () => true);
    standing = ended(standing, { end }, ({ sequence }) => isOther(sequence, until));
  }
  const open = new Map(stood.filter(({ end }) => end === openEnd).map((version) => [version.key, version]));
  const added: CollectedVersion[] = [];
  const begun = byKeyInOrder(lines);
  for (const [key, ordered] of begun) {
    ordered.forEach((line, index) => {
      if (line.op === 'D') return;
      const values = valuesOf(part, line, (origin) => open.get(origin) ?? null);
      const next = ordered[index + 1];
      const [end, until] = [next?.at ?? openEnd, next?.sequence ?? null];
      added.push({ ...values, key, sequence: line.sequence, start: line.at, end, until });
    });
  }
  let versions = [...stood, ...added];
  for (const [key, [line]] of begun) {
    if (line === undefined) continue;
    const [end, until] = [line.at, line.sequence];
    versions = ended(versions, { end, until }, (one) => one.key === key && one.sequence < until);
    standing = ended(standing, { end }, (one) => one.key === key && isOther(one.sequence, until));
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
    const stays = (key: string): boolean => (collected.lines.get(key) ?? 'deleted') !== 'deleted';
    const rows = new Map([...standing.rows].filter(([key]) => !emptied || stays(key)));
    for (const [key, values] of collected.lines) {
      if (values === 'deleted') rows.delete(key);
      else if (values !== 'set aside') rows.set(key, finalRow(target, values, standing.rows.get(key)));
    }
    return { tag: 'mirror', rows };
  }
  if (collected.tag !== 'history' || standing.tag !== 'history') throw new Error('collected for another kind of table');
  const found = new Map(standing.versions.map((version) => [nameOf(version), version]));
  const made = collected.versions.map(({ key, sequence, start, end, until: _, ...values }) => {
    const stands = found.get(nameOf({ key, sequence }));
    return { key, sequence, start, end, row: finalRow(target, values, stands?.row) };
  });
  const covers = (key: string, sequence: bigint): boolean =>
    collected.versions.some(
      (one) => one.key === key && one.sequence < sequence && (one.until === null || one.until > sequence),
    );
  const older = standing.versions.filter(
    ({ key, sequence }) => sequence < firstOf(from) || (isRepaired(sequence) && !covers(key, sequence)),
  );
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

/** Whether a repair made the version. */
function isRepaired(sequence: bigint): boolean {
  return sequence % 10_000_000_000n === BigInt(LAST_INDEX);
}

function nameOf({ key, sequence }: Pick<TargetVersion, 'key' | 'sequence'>): string {
  return `${key} ${sequence}`;
}

export function firstOf(extract: number): bigint {
  return BigInt(sequenceText(extract, 0));
}
