import { decodeLine, leadColumns } from '../../../core/extracts/row-encoding.ts';
import { rowHash } from '../../../core/changes/row-digest.ts';
import { datetimeText } from '../../../core/changes/timestamp.ts';
import { PenstockError } from '../../../core/errors/penstock-error.ts';
import type { MergePart } from '../../../core/destinations/destination.ts';
import type { TableSchema } from '../../../core/changes/table-schema.ts';
import { tableId } from '../../../core/changes/table-name.ts';
import { rowsText } from '../source/table-truth.ts';

/** Column → value. */
export type TargetRow = Readonly<Record<string, string | null>>;

export interface TargetVersion {
  readonly key: string;
  readonly sequence: bigint;
  readonly row: TargetRow;
  readonly start: string;
  readonly end: string;
}

/** The rows of one destination table. Values are never changed in place: a merge makes new ones, which count at its commit. */
export type TargetRows =
  | { readonly tag: 'mirror'; readonly rows: ReadonlyMap<string, TargetRow> }
  | { readonly tag: 'row'; readonly rows: ReadonlyMap<string, { readonly row: TargetRow; readonly copies: number }> }
  | { readonly tag: 'history'; readonly versions: readonly TargetVersion[] };

/** A line of a part, parsed from its bytes. */
export interface PartLine {
  readonly op: string;
  readonly sequence: bigint;
  readonly at: string;
  readonly lead: Readonly<Record<string, string | null>>;
  readonly absent: ReadonlySet<string>;
  /** The key under which absent values are found; null where none is needed. */
  readonly origin: string | null;
  readonly key: string;
  readonly row: TargetRow;
}

/** The bytes of a part as a loader of the real destination reads them. */
export function parseLines(part: MergePart, bytes: Buffer): PartLine[] {
  const { identity } = part.target.schema;
  const leads = leadColumns(identity);
  const text = bytes.toString('utf8');
  if (text === '') return [];
  if (!text.endsWith('\n')) throw new Error('a part does not end with a line feed');
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => {
      const fields = decodeLine(line);
      if (fields.length !== leads.length + part.columns.length) throw new Error(`a line has ${fields.length} fields`);
      const lead = Object.fromEntries(leads.map((name, index) => [name, fields[index] ?? null]));
      const row = Object.fromEntries(
        part.columns.map((name, index) => [name ?? '', fields[leads.length + index] ?? null]),
      );
      const absent = (lead['__absent'] ?? '').split(',').filter((ordinal) => ordinal !== '');
      const keys = identityColumnsOf(part.target.schema);
      return {
        op: lead['__op'] ?? '',
        sequence: BigInt(lead['__seq'] ?? ''),
        at: lead['__at'] ?? '',
        lead,
        absent: new Set(absent.map((ordinal) => part.columns[Number(ordinal) - 1] ?? '?')),
        origin: absent.length === 0 ? null : JSON.stringify(keys.map((_, index) => lead[`__origin${index + 1}`])),
        key: JSON.stringify(keys.map((name) => row[name])),
        row,
      };
    });
}

/** The rows after a part. @throws PenstockError PS4007 when a row to be changed is missing */
export function applyPart(
  before: TargetRows,
  part: MergePart,
  lines: readonly PartLine[],
  violation: (what: string) => void,
): TargetRows {
  const table = tableId(part.target.schema.table);
  switch (before.tag) {
    case 'mirror':
      return applyMirror(part.truncatedAt === null ? before.rows : new Map(), part, lines, table, violation);
    case 'row':
      return applyByRow(part.truncatedAt === null ? before.rows : new Map(), part, lines, table, violation);
    case 'history':
      return applyHistory(before.versions, part, lines, table);
  }
}

function applyMirror(
  before: ReadonlyMap<string, TargetRow>,
  part: MergePart,
  lines: readonly PartLine[],
  table: string,
  violation: (what: string) => void,
): TargetRows {
  const rows = new Map(before);
  const seen = new Set<string>();
  for (const line of lines) {
    if (seen.has(line.key)) violation(`a part of ${table} has two lines of one key`);
    seen.add(line.key);
    if (line.op !== 'U') continue;
    const sent = withOrigin(line, (key) => before.get(key), table);
    rows.set(line.key, { ...(before.get(line.key) ?? backfillsOf(part)), ...sent });
  }
  for (const line of lines) if (line.op === 'D') rows.delete(line.key);
  return { tag: 'mirror', rows };
}

function applyByRow(
  before: ReadonlyMap<string, { readonly row: TargetRow; readonly copies: number }>,
  part: MergePart,
  lines: readonly PartLine[],
  table: string,
  violation: (what: string) => void,
): TargetRows {
  const rows = new Map(before);
  for (const line of lines) {
    const hash = line.lead['__row'] ?? '';
    const stood = rows.get(hash);
    if (hash !== rowHash(part.columns.map((name) => line.row[name ?? ''])))
      violation(`a row hash of ${table} is wrong`);
    if (line.op === 'U')
      rows.set(hash, { row: { ...backfillsOf(part), ...line.row }, copies: (stood?.copies ?? 0) + 1 });
    else {
      const left = (stood?.copies ?? 0) - Number(line.lead['__ordinal']);
      if (stood === undefined || left < 0) throw missingRow(table);
      if (left === 0) rows.delete(hash);
      else rows.set(hash, { row: stood.row, copies: left });
    }
  }
  return { tag: 'row', rows };
}

function applyHistory(
  before: readonly TargetVersion[],
  part: MergePart,
  lines: readonly PartLine[],
  table: string,
): TargetRows {
  const { keeping } = part.target;
  if (keeping.tag !== 'history') throw new Error(`${table} is no history`);
  const { openEnd } = keeping;
  const { truncatedAt } = part;
  let versions: readonly TargetVersion[] = before;
  if (truncatedAt !== null) {
    versions = versions.map((version) =>
      version.end === openEnd ? { ...version, end: datetimeText(truncatedAt) } : version,
    );
  }
  const open = new Map(versions.filter(({ end }) => end === openEnd).map((version) => [version.key, version]));
  const begun = byKeyInOrder(lines);
  const added: TargetVersion[] = [];
  for (const [key, ordered] of begun) {
    ordered.forEach((line, index) => {
      if (line.op === 'D') return;
      const sent = withOrigin(line, (origin) => open.get(origin)?.row, table);
      const row = { ...backfillsOf(part), ...sent };
      added.push({ key, sequence: line.sequence, row, start: line.at, end: ordered[index + 1]?.at ?? openEnd });
    });
  }
  const stood = versions.map((version) => {
    const first = version.end === openEnd ? begun.get(version.key)?.[0] : undefined;
    return first === undefined ? version : { ...version, end: first.at };
  });
  return { tag: 'history', versions: [...stood, ...added] };
}

/** The lines of each key, in the order of their changes. */
export function byKeyInOrder(lines: readonly PartLine[]): Map<string, PartLine[]> {
  const byKey = Map.groupBy(lines, (line) => line.key);
  for (const ordered of byKey.values()) ordered.sort((a, b) => (a.sequence < b.sequence ? -1 : 1));
  return byKey;
}

/** The rows as they are now, of a history those of its open versions: their values in these columns. */
export function currentRows(target: TargetRows, columns: readonly string[], openEnd: string): (string | null)[][] {
  const values = (row: TargetRow): (string | null)[] => columns.map((name) => row[name] ?? null);
  switch (target.tag) {
    case 'mirror':
      return [...target.rows.values()].map(values);
    case 'row':
      return [...target.rows.values()].flatMap(({ row, copies }) => Array.from({ length: copies }, () => values(row)));
    case 'history':
      return target.versions.filter(({ end }) => end === openEnd).map(({ row }) => values(row));
  }
}

export function identityColumnsOf({ identity }: TableSchema): readonly string[] {
  return identity.tag === 'key' ? identity.columns : [];
}

/** A line's values; those that the source did not send are taken from the row that stood under the origin key. */
function withOrigin(line: PartLine, find: (key: string) => TargetRow | undefined, table: string): TargetRow {
  if (line.origin === null) return line.row;
  const origin = find(line.origin);
  if (origin === undefined) throw missingRow(table);
  return Object.fromEntries(
    Object.entries(line.row).map(([name, value]) => [name, line.absent.has(name) ? (origin[name] ?? null) : value]),
  );
}

/** Columns that the part does not know of: its rows are older than they are. */
function backfillsOf(part: MergePart): TargetRow {
  return Object.fromEntries(
    part.target.columns
      .filter(({ name }) => !part.columns.includes(name))
      .map(({ name, backfill }) => [name, backfill]),
  );
}

export function missingRow(table: string): PenstockError {
  return new PenstockError('PS4007', `a row of ${table}`, { table });
}

/** A table's rows as one text, in these columns, to be compared with the truth. */
export function textOf(target: TargetRows, columns: readonly string[]): string {
  const values = (row: TargetRow): (string | null)[] => columns.map((name) => row[name] ?? null);
  switch (target.tag) {
    case 'mirror':
    case 'row':
      return rowsText(currentRows(target, columns, ''));
    case 'history':
      return rowsText(target.versions.map(({ row, start, end }) => [...values(row), start, end]));
  }
}
