import type { RowChange, RowValues, SourceEvent } from '../../changes/change.ts';
import type { SourcePosition } from '../../changes/position.ts';
import { rowKeyOf } from '../../changes/row-key.ts';
import { tableId } from '../../changes/table-name.ts';
import type { Timestamp } from '../../changes/timestamp.ts';
import { Answers, type Question } from './following/answers.ts';
import { AskedKeys } from './following/asked-keys.ts';
import type { Answer, AskedChange } from './following/asked-values.ts';
import type { AddedColumn } from './following/added-columns.ts';
import { ddlEffect } from './following/ddl-effect.ts';
import type { FollowedTables } from './following/followed-tables.ts';
import { namedStatement } from './following/raw-statement.ts';
import type { LoggedTable } from './logged-table.ts';
import { withTables } from './mining/mined-place.ts';
import type { MinedTable } from './mining/mined-table.ts';
import type { LobChange, ParsedEvent } from './mining/parsed-changes.ts';
import type { RedoImage, RedoStatement, RedoValue } from './redo/redo-statement.ts';
import { readRow, type TellValue } from './row-reader.ts';
import { rawColumnText, type CharacterSets } from './values/raw-column.ts';

/** What decoding asks of the server, and of its clock. */
export interface DecoderNeeds {
  /** Describes a table anew, for what follows in the log. */
  readonly resolve: (altered: AlteredTable) => Promise<void>;
  /** Asks for the numbers of all tables, because there are rows of which only a number is told that nobody knows. */
  readonly askNumbers: (unheard: readonly MinedTable[]) => Promise<void>;
  readonly ask: (asked: readonly AskedChange[]) => Promise<readonly Answer[]>;
  /** A time by the database's clock; null: its time now. */
  readonly timeOf: (text: string | null) => Timestamp;
  readonly characterSets: CharacterSets;
}

/** A table of which a statement was read that may have altered it. */
export interface AlteredTable {
  readonly id: string;
  /** See FollowedTable.alter. */
  readonly added: readonly AddedColumn[] | null;
  /** Whether what had its numbers may be another table's now. */
  readonly isAnother: boolean;
}

const MISMATCH =
  'the table was altered behind a change that is read only now: LogMiner does not know its columns of that time, and neither does the position from which reading went on; copy the table anew';
const VERSIONS =
  'the table was altered between two changes by something that is not in the redo log: which columns they have is not known; copy the table anew';
const PARTS =
  'its partitions were split or merged, before this is read or soon after they were made: rows of those that are gone are not told; copy the table anew';
const REPLACED = 'the table was dropped, and there is another one of its name; copy the table anew';
const UNTOLD: RedoValue = { tag: 'unsupported' };

/** `isAhead`: an earlier change of the row was told as it is at the end of the transaction. */
interface EarlyQuestion extends Question {
  readonly isAhead: boolean;
}

/** Committed transactions as the redo log tells them → what core reads from any source. */
export class LogDecoder {
  readonly #tables: FollowedTables;
  readonly #needs: DecoderNeeds;
  /** By table, the structure that was told last. */
  readonly #announced = new Map<string, string>();
  /** Tables of which something could not be read in this transaction. */
  readonly #stopped = new Set<string>();
  /** Tables whose structure cannot be read, until they are described again. */
  readonly #unreadable = new Set<string>();
  /** By number of the table, or of its part: DATA_OBJV# of the rows that were told by their bytes since its structure is what it is. */
  readonly #versions = new Map<string, { readonly table: string; readonly version: string | null }>();
  #scn = '0';
  #order = '';
  #events: SourceEvent[] = [];
  #asked: EarlyQuestion[] = [];
  readonly #askedKeys = new AskedKeys();
  readonly #answers: Answers;

  constructor(tables: FollowedTables, needs: DecoderNeeds) {
    this.#tables = tables;
    this.#needs = needs;
    this.#answers = new Answers(needs.ask);
  }

  /** Some events of a transaction, or of several, in as many pieces as memory wants. */
  async *decode(events: readonly ParsedEvent[]): AsyncGenerator<readonly SourceEvent[]> {
    const unheard = events.flatMap((event) =>
      'table' in event && event.tag !== 'ddl' && this.#tables.isUnheardOf(event.table) ? [event.table] : [],
    );
    if (unheard.length > 0) await this.#needs.askNumbers(unheard);
    for (const event of events) {
      const met = event.tag === 'row' || event.tag === 'lob' ? this.#tables.metAnew(event.table) : null;
      if (met !== null) await this.#resolve({ id: met, added: [], isAnother: false });
      const altered = this.#decode(event);
      if (altered !== null) await this.#resolve(altered);
    }
    yield* this.#answered();
  }

  async #resolve(altered: AlteredTable): Promise<void> {
    await this.#needs.resolve(altered);
    this.#unreadable.delete(altered.id);
    this.#readable(altered.id);
  }

  /** @returns the table that is to be described anew; null: none */
  #decode(event: ParsedEvent): AlteredTable | null {
    switch (event.tag) {
      case 'begin':
        this.#scn = event.scn;
        this.#order = event.order;
        this.#stopped.clear();
        this.#askedKeys.clear();
        this.#tables.reached(event.order);
        this.#events.push({ tag: 'begin', at: this.#needs.timeOf(event.timestamp), order: event.order });
        // One that cannot be read from the start is told with the first transaction.
        for (const { table } of this.#tables.selections) this.#readable(tableId(table));
        return null;
      case 'commit': {
        const { timestamp } = event;
        const position = this.#remembering(event.position);
        this.#events.push({ tag: 'commit', position, committedAt: this.#needs.timeOf(timestamp) });
        return null;
      }
      case 'heartbeat': {
        this.#tables.reached(event.position.order);
        const position = this.#remembering(event.position);
        this.#events.push({ tag: 'heartbeat', position, at: this.#needs.timeOf(event.timestamp) });
        return null;
      }
      case 'row':
        if (this.#tables.isFormer(event.table)) this.#obstacle(event.table, REPLACED);
        else if (event.isMismatch) this.#rawRow(event.table, event.statement, event.rowId);
        else this.#row(event.table, event.statement, event.rowId);
        return null;
      case 'lob':
        this.#lob(event);
        return null;
      case 'obstacle':
        this.#obstacle(event.table, event.reason);
        return null;
      case 'ddl':
        return this.#ddl(event.table, event.sql);
    }
  }

  /** What is known of the tables is part of every place to go on from. */
  #remembering(position: SourcePosition): SourcePosition {
    const { kept } = this.#tables;
    return kept === '{}' ? position : withTables(position, kept);
  }

  #ddl(mined: MinedTable, sql: string): AlteredTable | null {
    const id = this.#tables.find(mined);
    if (id === null) return null;
    const effect = ddlEffect(sql);
    for (const [object, { table }] of this.#versions) if (table === id) this.#versions.delete(object);
    if (effect.tag === 'truncate') {
      const logged = this.#readable(id);
      if (logged !== null) this.#announce(logged);
      this.#events.push({ tag: 'truncate', table: this.#tables.table(id).selection.table });
      return null;
    }
    if (effect.tag === 'altered') {
      if (effect.parts === 'ended' && !this.#tables.knowsParts(id, this.#order)) this.#stop(id, PARTS);
      if (effect.parts !== 'none') this.#tables.madeParts(id, this.#order);
      return { id, added: effect.added, isAnother: false };
    }
    this.#stop(id, effect.reason);
    return { id, added: null, isAnother: true };
  }

  /** A row whose names LogMiner does not know: told by its bytes, and by the places of its columns, which were those of the table as it was here. */
  #rawRow(mined: MinedTable, statement: RedoStatement, rowId: string | null): void {
    const id = this.#tables.find(mined);
    if (id === null || this.#readable(id) === null) return;
    const { columns } = this.#tables.table(id);
    const named = columns === null ? null : namedStatement(columns, statement);
    const object = mined.id ?? '';
    const known = this.#versions.get(object);
    if (named === null) this.#stop(id, MISMATCH);
    else if (known !== undefined && known.version !== mined.version) this.#stop(id, VERSIONS);
    else {
      this.#versions.set(object, { table: id, version: mined.version });
      this.#row(mined, named, rowId, (column, value) => rawColumnText(column, value, this.#needs.characterSets));
    }
  }

  #row(mined: MinedTable, statement: RedoStatement, rowId: string | null, tell?: TellValue): void {
    const id = this.#tables.find(mined);
    const logged = id === null ? null : this.#readable(id);
    if (logged === null) return;
    const read = readRow(logged, statement, tell);
    if (read.tag === 'untold') {
      this.#stop(logged.id, read.reason);
      return;
    }
    const { change } = read;
    const ask = [...read.ask, ...movedValues(logged, read)];
    const isAhead = this.#askedKeys.has(logged, change);
    const isAsked = ask.length > 0 || isAhead;
    if (isAsked && !isKeyTold(logged, change)) {
      this.#stop(logged.id, 'the log does not tell the key of a row');
      return;
    }
    if (isOfLarge(logged, statement) && this.#fold(logged, change, ask)) return;
    this.#announce(logged);
    this.#tables.told(logged.id);
    if (isAsked && !hasNullInKey(logged, change)) {
      this.#askedKeys.add(logged, change);
      this.#asked.push({ index: this.#events.length, asked: { logged, scn: this.#scn, change, ask, rowId }, isAhead });
    }
    this.#events.push({ tag: 'row', change });
  }

  /** A row with large values comes in several statements, one behind the other: they are one change. */
  #fold(logged: LoggedTable, later: RowChange, ask: readonly number[]): boolean {
    const change = this.#lastOf(logged, later);
    if (change === null) return false;
    const index = this.#events.length - 1;
    const { after, misfit } = later;
    const values = laidOver(change.after ?? [], after ?? [], ask);
    const folded = { ...change, after: values, misfit: change.misfit ?? misfit };
    this.#events[index] = { tag: 'row', change: folded };
    const question = this.#asked.at(-1)?.index === index ? this.#asked.pop() : undefined;
    const { rowId = null, ask: open = [] } = question?.asked ?? {};
    const isAhead = question?.isAhead === true;
    const all = [...new Set([...open, ...ask])].filter((place) => values[place] === undefined);
    if (all.length > 0 || isAhead) {
      this.#askedKeys.add(logged, folded);
      this.#asked.push({ index, asked: { logged, scn: this.#scn, change: folded, ask: all, rowId }, isAhead });
    }
    return true;
  }

  /** The last event, where it is of the same row; null: it is not. */
  #lastOf({ hasKey, table: { schema } }: LoggedTable, { before, after }: RowChange): RowChange | null {
    const last = this.#events.at(-1);
    if (last?.tag !== 'row' || last.change.after === null || before !== null) return null;
    const { change } = last;
    const isSame = rowKeyOf(schema, change.after ?? []) === rowKeyOf(schema, after ?? []);
    return hasKey && change.schema === schema && isSame ? change : null;
  }

  /** A large value, as an update of its row that names it alone; where nobody knows which, all that there are. */
  #lob({ table, column, where, content, rowId }: LobChange): void {
    const id = this.#tables.find(table);
    const logged = id === null ? null : this.#readable(id);
    if (logged === null) return;
    // By its place: which row it is, and what is in it, would have to be told by bytes too.
    if (this.#tables.isFormer(table)) this.#stop(logged.id, REPLACED);
    else if (column !== null && !this.#isColumn(logged, column)) this.#stop(logged.id, MISMATCH);
    const large = largeColumns(logged);
    const names = column === null ? large : large.filter((name) => name === column);
    if (names.length === 0) return;
    const value: RedoValue = content ?? UNTOLD;
    const known = [...where.names.keys()].filter((index) => !names.includes(where.names[index] ?? ''));
    const image: RedoImage = {
      names: known.map((index) => where.names[index] ?? ''),
      values: known.flatMap((index) => where.values[index] ?? []),
    };
    const set: RedoImage = { names, values: names.map(() => value) };
    const { schema, name } = logged.table.source.table;
    this.#row(table, { op: 'update', table: { owner: schema, name }, set, where: image, rowId }, rowId);
  }

  #isColumn({ table }: LoggedTable, name: string): boolean {
    return table.source.columns.some((column) => column.name === name);
  }

  /** The table as it is read now; null, and an obstacle once, where it cannot be. */
  #readable(id: string): LoggedTable | null {
    const { table } = this.#tables.table(id);
    if (!('reason' in table)) return table;
    if (!this.#unreadable.has(id)) {
      this.#unreadable.add(id);
      this.#stop(id, table.reason);
    }
    return null;
  }

  #announce({ id, table: { schema } }: LoggedTable): void {
    if (this.#announced.get(id) === schema.fingerprint) return;
    this.#announced.set(id, schema.fingerprint);
    this.#events.push({ tag: 'schema', schema });
  }

  #obstacle(mined: MinedTable, reason: string): void {
    const id = this.#tables.find(mined);
    if (id !== null) this.#stop(id, reason);
  }

  /** Told with each transaction that cannot be read whole: a copy may have been made between two of them. */
  #stop(id: string, reason: string): void {
    if (this.#stopped.has(id)) return;
    this.#stopped.add(id);
    this.#events.push({ tag: 'obstacle', table: this.#tables.table(id).selection.table, reason });
  }

  /** Whether the last event is a row whose large values may be told in the next batch. */
  #isOpen(): boolean {
    const last = this.#events.at(-1);
    if (last?.tag !== 'row' || last.change.after === null) return false;
    const { table: logged } = this.#tables.table(tableId(last.change.schema.table));
    return !('reason' in logged) && logged.isLarge.includes(true);
  }

  /** The events so far, with the values that had to be asked for. */
  #answered(): AsyncGenerator<readonly SourceEvent[]> {
    const events = this.#isOpen() ? this.#events.slice(0, -1) : this.#events;
    const asked = this.#asked.filter(({ index }) => index < events.length);
    this.#asked = this.#asked.filter(({ index }) => index >= events.length).map((one) => ({ ...one, index: 0 }));
    this.#events = this.#events.slice(events.length);
    return this.#answers.of(events, asked);
  }
}

/** Values with those that were set later; the places of `ask` were, and it is not told to what. */
function laidOver(values: RowValues, later: RowValues, ask: readonly number[]): RowValues {
  return values.map((value, place) => (later[place] === undefined && !ask.includes(place) ? value : later[place]));
}

function isKeyTold({ identity, hasKey }: LoggedTable, { after }: RowChange): boolean {
  return after === null || !hasKey || identity.every((place) => isSet(after, place));
}

/** Such a row does not fit, and cannot be asked for by its key. */
function hasNullInKey({ identity, hasKey }: LoggedTable, { after }: RowChange): boolean {
  return hasKey && identity.some((place) => after?.[place] === null);
}

/** A row that gets another key may have been new in this transaction: large values that were asked for by its old key were not found. */
function movedValues(logged: LoggedTable, read: Extract<ReturnType<typeof readRow>, { tag: 'change' }>): number[] {
  const { change, ask } = read;
  if (!logged.hasKey || change.op !== 'update' || change.before === null) return [];
  return [...logged.isLarge.keys()].filter(
    (place) => logged.isLarge[place] === true && !isSet(change.after, place) && !ask.includes(place),
  );
}

function isSet(values: readonly (string | null | undefined)[] | null, place: number): boolean {
  return values?.[place] !== undefined;
}

/** Whether a statement sets nothing but large values. */
function isOfLarge(logged: LoggedTable, statement: RedoStatement): boolean {
  if (statement.op !== 'update') return false;
  const large = largeColumns(logged);
  return large.length > 0 && statement.set.names.every((name) => large.includes(name));
}

function largeColumns({ table, isLarge }: LoggedTable): string[] {
  return table.columns.filter((_, place) => isLarge[place] === true).map(({ source }) => source.name);
}
