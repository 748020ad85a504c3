import { parseLobRedo, type LobStep } from '../redo/lob-redo.ts';
import type { RedoParser } from '../redo/redo-parser.ts';
import type { RedoImage, RedoStatement, RedoValue } from '../redo/redo-statement.ts';
import { LobValue, type LobContent } from './lob-value.ts';
import type { MinedTable } from './mined-table.ts';
import type { MinedChange, MinedEvent } from './transaction-events.ts';

/** What a transaction did, read from its SQL. */
export type ParsedEvent =
  | Exclude<MinedEvent, { readonly tag: 'change' }>
  | {
      readonly tag: 'row';
      readonly table: MinedTable;
      readonly statement: RedoStatement;
      readonly rowId: string | null;
      /** Names in the statement are missing: `UNKNOWN`, `OBJ# n`, `COL n`. */
      readonly isMismatch: boolean;
    }
  | ({ readonly tag: 'lob' } & LobChange);

/** A large value of a row was changed. */
export interface LobChange {
  readonly table: MinedTable;
  /** Null: nobody knows which. */
  readonly column: string | null;
  /** Columns that say which row; empty: it is not told. */
  readonly where: RedoImage;
  readonly rowId: string | null;
  /** Null: it is to be asked, as of the transaction's commit. */
  readonly content: LobContent;
}

const NO_IMAGE: RedoImage = { names: [], values: [] };
/** Those that say nothing of their row, whatever they begin with: writing and ending documents and extended strings. */
const ROWLESS: ReadonlySet<number> = new Set([70, 71, 92, 93]);
/** A piece that says which row it is of. */
const NAMES_ROW = /^(?:\s*(?:DECLARE|BEGIN)\b|XML DOC BEGIN:|\s*select )/;
/** Operations whose pieces are of a LOB; all others are of XML documents and extended strings, which are asked for. */
const LOB_OPERATIONS: ReadonlySet<number> = new Set([9, 10, 11, 28, 29]);

interface Row {
  readonly table: MinedTable;
  /** As it is behind the statement. */
  readonly image: RedoImage;
  readonly rowId: string | null;
  /** LOBs that the statement made empty, and that nothing was written into since. */
  readonly emptied: Set<string>;
}

interface OpenLob extends Omit<LobChange, 'content'> {
  readonly value: LobValue;
}

/**
 * Reads the SQL of mined changes. A LOB's pieces become one change of its row, behind the row's own: with its content where the log tells it
 * from its first character on, else without.
 */
export class ParsedChanges {
  readonly #parser: RedoParser;
  #row: Row | null = null;
  #lob: OpenLob | null = null;
  #events: ParsedEvent[] = [];

  constructor(parser: RedoParser) {
    this.#parser = parser;
  }

  /** Events of a transaction whose pieces go on in the next batch are given with that. */
  parse(events: readonly MinedEvent[]): readonly ParsedEvent[] {
    for (const event of events) {
      if (event.tag !== 'change') {
        this.#endLob();
        if (event.tag === 'begin') this.#row = null;
        this.#events.push(event);
      } else if (event.record.kind === 'row') this.#statement(event.table, event.record);
      else this.#piece(event.table, event.record);
    }
    return this.#events.splice(0);
  }

  #statement(table: MinedTable, { sql, rowId, isMismatch }: MinedChange): void {
    this.#endLob();
    const statement = this.#parser.parse(sql ?? '');
    if (statement.op === 'fault') {
      const reason = `a statement of the redo log cannot be read: ${statement.reason} at ${statement.offset}`;
      this.#events.push({ tag: 'obstacle', table, reason });
      return;
    }
    this.#row = { table, image: imageBehind(statement), rowId, emptied: emptiedBy(statement) };
    this.#events.push({ tag: 'row', table, statement, rowId, isMismatch });
  }

  #piece(table: MinedTable, record: MinedChange): void {
    const { operation, kind, sql } = record;
    const isTold = kind !== 'undonePiece' && LOB_OPERATIONS.has(operation);
    const read = parseLobRedo(sql ?? '', this.#parser);
    // The row that it names may be another one than that of the pieces before it.
    if (read.tag === 'fault' && !ROWLESS.has(operation) && NAMES_ROW.test(sql ?? '')) {
      this.#endLob();
      const reason = `a piece of a large value in the redo log cannot be read: ${read.reason} at ${read.offset}`;
      this.#events.push({ tag: 'obstacle', table, reason });
      return;
    }
    const steps = read.tag === 'fault' ? [] : read.steps;
    for (const step of steps) if (isTold || step.tag === 'locate') this.#step(table, record, step);
    if (steps.length === 0 || !isTold) this.#unknown(table, record);
  }

  #step(table: MinedTable, record: MinedChange, step: LobStep): void {
    if (step.tag === 'locate') this.#locate(table, record, step);
    else if (this.#lob === null) this.#unknown(table, record);
    else this.#lob.value.apply(step);
  }

  #locate(table: MinedTable, { rowId }: MinedChange, step: Extract<LobStep, { readonly tag: 'locate' }>): void {
    const { column, where } = step;
    const lob = this.#lob;
    // Its pieces may come with a locator each.
    if (lob?.column === column && lob.table === table && isSame(lob.where, where)) return;
    this.#endLob();
    const row = this.#row;
    const isOfRow = row?.table === table && isSame(row.image, where);
    const isEmpty = isOfRow && row.emptied.delete(column);
    this.#lob = { table, column, where, rowId: step.rowId ?? rowId, value: new LobValue(isEmpty) };
  }

  /** Something of a row was changed in a way that is not told. */
  #unknown(table: MinedTable, { rowId }: MinedChange): void {
    if (this.#lob?.table === table) {
      this.#lob.value.lose();
      return;
    }
    this.#endLob();
    const where = this.#row?.table === table ? this.#row.image : NO_IMAGE;
    this.#lob = { table, column: null, where, rowId, value: new LobValue(false) };
  }

  #endLob(): void {
    if (this.#lob === null) return;
    const { value, ...change } = this.#lob;
    this.#lob = null;
    this.#events.push({ tag: 'lob', ...change, content: value.content });
  }
}

/** The row behind a statement, as far as it is told: SET over WHERE. */
function imageBehind(statement: RedoStatement): RedoImage {
  if (statement.op === 'insert') return statement.set;
  if (statement.op === 'delete') return statement.where;
  const { set, where } = statement;
  const kept = [...where.names.keys()].filter((index) => !set.names.includes(where.names[index] ?? ''));
  return {
    names: [...set.names, ...kept.map((index) => where.names[index] ?? '')],
    values: [...set.values, ...kept.flatMap((index) => where.values[index] ?? [])],
  };
}

function emptiedBy(statement: RedoStatement): Set<string> {
  if (statement.op === 'delete') return new Set();
  const { names, values } = statement.set;
  return new Set(names.filter((_, index) => isEmptyLob(values[index])));
}

function isEmptyLob(value: RedoValue | undefined): boolean {
  return value?.tag === 'emptyClob' || value?.tag === 'emptyBlob';
}

/** Whether what is told of both rows is the same, and there is something. */
function isSame(row: RedoImage, where: RedoImage): boolean {
  let common = 0;
  for (const [index, name] of where.names.entries()) {
    const found = row.names.indexOf(name);
    if (found < 0) continue;
    const [value, wanted] = [row.values[found], where.values[index]];
    if (value === undefined || wanted === undefined || isEmptyLob(value)) continue;
    if (!isSameValue(value, wanted)) return false;
    common++;
  }
  return common > 0;
}

function isSameValue(a: RedoValue, b: RedoValue): boolean {
  if (a.tag !== b.tag) return false;
  if ('text' in a && 'text' in b) return a.text === b.text;
  return a.tag === 'raw' && b.tag === 'raw' ? a.hex === b.hex : true;
}
