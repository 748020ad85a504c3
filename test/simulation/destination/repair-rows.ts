import type { RepairStep } from '../../../core/destinations/destination.ts';
import { datetimeText } from '../../../core/changes/timestamp.ts';
import { decodeLine, sequenceText } from '../../../core/extracts/row-encoding.ts';
import { identityColumnsOf, type TargetRow, type TargetRows, type TargetVersion } from './target-rows.ts';

/** The greatest index of a change in an extract. */
export const LAST_INDEX = 9_999_999_999;

/** The rows after a repair, by the same rules as the statements of core/destinations/singlestore/repair-sql. */
export function repairedRows(before: TargetRows, step: RepairStep, bytes: Buffer): TargetRows {
  const fetched = fetchedRows(step, bytes);
  const gone = step.keys.map((key) => JSON.stringify(key)).filter((key) => !fetched.has(key));
  if (before.tag === 'mirror') {
    const rows = new Map([...before.rows, ...fetched]);
    for (const key of gone) rows.delete(key);
    return { tag: 'mirror', rows };
  }
  if (before.tag === 'row') throw new Error('a table without a key is not repaired');
  return { tag: 'history', versions: repairedVersions(before.versions, step, fetched, new Set(gone)) };
}

function repairedVersions(
  before: readonly TargetVersion[],
  { target, at, applied }: RepairStep,
  fetched: ReadonlyMap<string, TargetRow>,
  gone: ReadonlySet<string>,
): TargetVersion[] {
  const { keeping } = target;
  if (keeping.tag !== 'history') throw new Error('a mirror has no versions');
  const { openEnd } = keeping;
  const time = datetimeText(at);
  const open = new Set(before.filter(({ end }) => end === openEnd).map(({ key }) => key));
  const versions = before.map((version) => {
    if (version.end !== openEnd) return version;
    const row = fetched.get(version.key);
    if (row !== undefined) return { ...version, row };
    return gone.has(version.key) ? { ...version, end: later(time, version.start) } : version;
  });
  const sequence = BigInt(sequenceText(applied, LAST_INDEX));
  for (const [key, row] of fetched) {
    if (open.has(key)) continue;
    const same = versions.findIndex((version) => version.key === key && version.sequence === sequence);
    const last = before.filter((version) => version.key === key).map(({ end }) => end);
    const start = last.reduce(later, time);
    if (same === -1) versions.push({ key, sequence, row, start, end: openEnd });
    else versions[same] = { ...versions[same]!, row, end: openEnd };
  }
  return versions;
}

function fetchedRows({ target, rows }: RepairStep, bytes: Buffer): Map<string, TargetRow> {
  const lines = bytes.toString('utf8').split('\n').slice(0, -1);
  if (lines.length !== rows) throw new Error(`a repair has ${lines.length} lines, not ${rows}`);
  const keys = identityColumnsOf(target.schema);
  const fetched = new Map<string, TargetRow>();
  for (const line of lines) {
    const fields = decodeLine(line);
    if (fields.length !== target.columns.length) throw new Error(`a line of a repair has ${fields.length} fields`);
    const row = Object.fromEntries(target.columns.map(({ name }, index) => [name, fields[index] ?? null]));
    fetched.set(JSON.stringify(keys.map((name) => row[name])), row);
  }
  return fetched;
}

function later(a: string, b: string): string {
  return a > b ? a : b;
}
