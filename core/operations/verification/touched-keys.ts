import type { ExtractRecord } from '../../catalog/records.ts';
import { comparePositions, type SourcePosition } from '../../changes/position.ts';
import { rowDigest } from '../../changes/row-digest.ts';
import { rowKey, rowKeyOf } from '../../changes/row-key.ts';
import { keyOrdinals, type TableSchema } from '../../changes/table-schema.ts';
import type { ExtractPart } from '../../extracts/manifest.ts';
import { readLines, readMisfits, readPieces, type ExtractPiece } from '../../extracts/read-piece.ts';
import { decodeField, leadColumns } from '../../extracts/row-encoding.ts';
import { haveSameColumns } from '../../sources/same-structure.ts';
import { catalogOf } from '../contexts.ts';
import type { OperationContext } from '../operation-context.ts';

/** Rows that extracts of some part of the log change, by their {@link rowName}. */
export interface Touched {
  readonly names: ReadonlySet<string>;
  /** Those of them that the log tells whole: where these extracts are loaded such a row is right, whatever it was before. */
  readonly whole: ReadonlySet<string>;
}

/** Extract records read at once. */
const PAGE = 20;

/**
 * Which of `wanted` are changed by extracts that lie behind `since`, even in part, up to extract `upTo`. Rows are told by their
 * {@link rowName}. Both keys of a row whose key changed are among them; a truncate, and a part of another structure, touch all.
 * @throws PenstockError PS2001 another lineage, PS3001 where such an extract is gone
 */
export async function touchedKeys(
  context: OperationContext,
  { table, schema, since, upTo }: TouchWindow,
  wanted: ReadonlySet<string>,
): Promise<Touched> {
  const search = { schema, wanted, names: new Set<string>(), whole: new Set<string>() };
  if (wanted.size === 0) return search;
  for (const record of await extractsBehind(context, since, upTo)) {
    for (const piece of await readPieces(context.host, record, context.signal)) {
      for (const part of piece.manifest.parts) {
        if (part.table !== table) continue;
        if (await isAllTouched(context, piece, part, search)) return { names: wanted, whole: search.whole };
      }
    }
  }
  return search;
}

export interface TouchWindow {
  readonly table: string;
  /** The structure by which the rows are told. */
  readonly schema: TableSchema;
  readonly since: SourcePosition;
  readonly upTo: number;
}

/** One text for a row: its key, or its digest where the table has none. */
export function rowName(schema: TableSchema, key: readonly string[]): string {
  return schema.identity.tag === 'key' ? rowKey(schema, key) : (key[0] ?? '');
}

/** Whether an extract has something that lies behind `since`. */
export function overlaps(record: Pick<ExtractRecord, 'to'>, since: SourcePosition): boolean {
  return comparePositions(record.to, since) > 0;
}

/** The newest first. */
async function extractsBehind(
  context: OperationContext,
  since: SourcePosition,
  upTo: number,
): Promise<ExtractRecord[]> {
  const found: ExtractRecord[] = [];
  for (let before = upTo + 1; before > 1;) {
    const page = await catalogOf(context).extractsBefore(before, PAGE);
    const overlapping = page.filter((record) => overlaps(record, since));
    found.push(...overlapping);
    if (overlapping.length < PAGE) return found;
    before = page.at(-1)?.number ?? 0;
  }
  return found;
}

interface Search extends Touched {
  readonly schema: TableSchema;
  readonly wanted: ReadonlySet<string>;
  readonly names: Set<string>;
  readonly whole: Set<string>;
}

/** Adds what a part touches. @returns whether that is every row */
async function isAllTouched(
  { host, signal }: OperationContext,
  piece: ExtractPiece,
  part: ExtractPart,
  { schema, wanted, names, whole }: Search,
): Promise<boolean> {
  if (part.truncatedAt !== null || part.obstacle !== null || !tellsRows(part.schema, schema)) return true;
  const isKeyed = part.schema.identity.tag === 'key';
  const nameOf = lineNames(part.schema);
  for await (const bytes of readLines(host, piece, part, signal)) {
    for (const line of linesOf(bytes)) {
      const fields = line.toString('utf8').split('\t');
      const name = nameOf(fields);
      if (!wanted.has(name)) continue;
      names.add(name);
      if (isKeyed && fields[ABSENT] === '') whole.add(name);
    }
  }
  for (const { row } of await readMisfits(host, piece, part, signal)) {
    // Of a row without a key nobody knows the digest that it would have.
    if (!isKeyed) return true;
    const values = part.schema.columns.map(({ name }) => row[name] ?? null);
    const name = rowKeyOf(part.schema, values);
    if (wanted.has(name)) names.add(name);
  }
  return false;
}

/** The place of `__absent` in a line of a table with a key: which values the source did not send. */
const ABSENT = 3;

/** Whether the rows of a part are told as those of the table are. */
function tellsRows(part: TableSchema, table: TableSchema): boolean {
  if (part.identity.tag === 'row' || table.identity.tag === 'row') return haveSameColumns(part, table);
  return JSON.stringify(part.identity.columns) === JSON.stringify(table.identity.columns);
}

/** The lines of a buffer, each without its LF; values hold none. */
export function* linesOf(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0x0a, start);
    yield bytes.subarray(start, end === -1 ? bytes.length : end);
    start = end === -1 ? bytes.length : end + 1;
  }
}

/** From the fields of a part's line to the name of its row. */
function lineNames(schema: TableSchema): (fields: readonly string[]) => string {
  const lead = leadColumns(schema.identity).length;
  if (schema.identity.tag === 'row') {
    const types = schema.columns.map(({ type }) => type);
    return (fields) => rowDigest(types, fields.slice(lead).map(decodeField));
  }
  const ordinals = keyOrdinals(schema);
  return (fields) => {
    const key = ordinals.map((ordinal) => decodeField(fields[lead + ordinal] ?? ''));
    return rowKey(schema, key);
  };
}
