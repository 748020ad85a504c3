import type { SourceEvent } from '../../changes/change.ts';
import type { SourcePosition } from '../../changes/position.ts';
import { tableId, type TableName } from '../../changes/table-name.ts';
import type { Timestamp } from '../../changes/timestamp.ts';
import type { KeptTimes } from '../server-times.ts';
import type { Answer, AskedChange } from './following/asked-values.ts';
import type { AddedColumn } from './following/added-columns.ts';
import { ddlEffect } from './following/ddl-effect.ts';
import { isOfServer } from './following/followed-table.ts';
import type { FollowedTables } from './following/followed-tables.ts';
import { isOfLarge, lobUpdate, movedValues } from './following/large-values.ts';
import { MovedKeys } from './following/moved-keys.ts';
import { namedStatement } from './following/raw-statement.ts';
import { ToldEvents } from './following/told-events.ts';
import type { LoggedTable } from './logged-table.ts';
import { withTables, withTimes } from './mining/mined-place.ts';
import type { MinedTable } from './mining/mined-table.ts';
import type { LobChange, ParsedEvent } from './mining/parsed-changes.ts';
import type { RedoStatement } from './redo/redo-statement.ts';
import { readRow, type TellValue } from './row-reader.ts';
import { rawColumnText, type CharacterSets } from './values/raw-column.ts';

/** What decoding asks of the server, and of its clock. */
export interface DecoderNeeds {
  /** Describes a table anew, for what follows in the log. */
  readonly resolve: (altered: AlteredTable) => Promise<void>;
  /** Asks for the numbers of all tables, because there are rows of which only a number is told that nobody knows. */
  readonly askNumbers: (unheard: readonly MinedTable[]) => Promise<void>;
  readonly ask: (asked: readonly AskedChange[]) => Promise<readonly Answer[]>;
  /** When the next commit was, of which the database's clock showed that. @throws PenstockError PS2013 */
  readonly commitTime: (shown: string, scn: string) => Timestamp;
  /** About when the clock showed that, up to a position's order; null: now. */
  readonly timeNear: (shown: string | null, order: string) => Timestamp;
  /** Of the clock, to be remembered with the position behind the last commit. */
  readonly times: () => KeptTimes;
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
  'the table was altered between two changes by something that is not in the redo log, or while a transaction was open: which columns they have is not known; copy the table anew';
const UNKNOWN_COLUMN =
  'a change names a column that the table has not: it was altered by something that is not in the redo log; copy the table anew';
const PARTS =
  'its partitions were split or merged, before this is read or soon after they were made: rows of those that are gone are not told; copy the table anew';
const REPLACED = 'the table was dropped, and there is another one of its name; copy the table anew';
type ParsedRow = Extract<ParsedEvent, { readonly tag: 'row' }>;

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
  /** Versions, with their numbers, that ended with a statement that added columns. */
  readonly #ended = new Set<string>();
  /** Columns that nobody knew, and for which the catalog was asked. */
  readonly #strangers = new Set<string>();
  #scn = '0';
  #order = '';
  #committedAt: Timestamp = '';
  readonly #told: ToldEvents;
  readonly #moved = new MovedKeys();

  constructor(tables: FollowedTables, needs: DecoderNeeds) {
    this.#tables = tables;
    this.#needs = needs;
    this.#told = new ToldEvents(needs.ask);
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
      const strange = event.tag === 'row' && !event.isMismatch ? this.#strange(event) : null;
      if (strange !== null && !this.#strangers.has(strange.column)) {
        this.#strangers.add(strange.column);
        await this.#resolve({ id: strange.id, added: null, isAnother: false });
      }
      const altered = this.#decode(event);
      if (altered !== null) await this.#resolve(altered);
    }
    yield* this.#told.answered((table) => this.#hasLarge(table));
  }

  async #resolve(altered: AlteredTable): Promise<void> {
    await this.#needs.resolve(altered);
    this.#unreadable.delete(altered.id);
    this.#readable(altered.id);
  }

  /** The table of a row that names a column that it has not. `column`: with the table. */
  #strange({ table, statement }: ParsedRow): { readonly id: string; readonly column: string } | null {
    const id = this.#tables.isFormer(table) ? null : this.#tables.find(table);
    if (id === null) return null;
    const followed = this.#tables.table(id);
    for (const image of [
      ...(statement.op === 'delete' ? [] : [statement.set]),
      ...(statement.op === 'insert' ? [] : [statement.where]),
    ]) {
      const column = followed.strangeColumn(image.names);
      if (column !== null) return { id, column: `${id}.${column}` };
    }
    return null;
  }

  /** @returns the table that is to be described anew; null: none */
  #decode(event: ParsedEvent): AlteredTable | null {
    switch (event.tag) {
      case 'begin':
        this.#scn = event.scn;
        this.#order = event.order;
        this.#stopped.clear();
        this.#moved.clear();
        this.#tables.reached(event.order);
        this.#committedAt = this.#needs.commitTime(event.timestamp, event.scn);
        this.#told.add({ tag: 'begin', at: this.#committedAt, order: event.order });
        // One that cannot be read from the start is told with the first transaction.
        for (const { table } of this.#tables.selections) this.#readable(tableId(table));
        return null;
      case 'commit': {
        const position = this.#remembering(event.position);
        this.#told.add({ tag: 'commit', position, committedAt: this.#committedAt });
        return null;
      }
      case 'heartbeat': {
        this.#tables.reached(event.position.order);
        const position = this.#remembering(event.position);
        const at = this.#needs.timeNear(event.timestamp, event.position.order);
        this.#told.add({ tag: 'heartbeat', position, at });
        return null;
      }
      case 'row':
        if (this.#tables.isFormer(event.table)) this.#obstacle(event.table, REPLACED);
        else if (event.isMismatch) this.#rawRow(event.table, event.statement, event.rowId);
        else if (this.#strange(event) !== null) this.#obstacle(event.table, UNKNOWN_COLUMN);
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

  /** What is known of the tables, and of the clock, is part of every place to go on from. */
  #remembering(position: SourcePosition): SourcePosition {
    const { kept } = this.#tables;
    return withTimes(kept === '{}' ? position : withTables(position, kept), this.#needs.times());
  }

  #ddl(mined: MinedTable, sql: string): AlteredTable | null {
    const id = this.#tables.find(mined);
    if (id === null) return null;
    const effect = ddlEffect(sql);
    for (const [object, { table, version }] of this.#versions) {
      if (table !== id) continue;
      this.#versions.delete(object);
      if (effect.tag === 'altered' && effect.added !== null && effect.added.length > 0)
        this.#ended.add(`${object} ${version ?? ''}`);
    }
    if (effect.tag === 'truncate') {
      const logged = this.#readable(id);
      if (logged !== null) this.#announce(logged);
      this.#told.add({ tag: 'truncate', table: this.#tables.table(id).selection.table });
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
    else if (this.#ended.has(`${object} ${mined.version ?? ''}`)) this.#stop(id, VERSIONS);
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
    const ask = [...read.ask, ...movedValues(logged, read)];
    const placed = this.#moved.place({ logged, scn: this.#scn, change: read.change, ask, rowId });
    if (placed.tag === 'untold') this.#stop(logged.id, placed.reason);
    if (placed.tag === 'left') this.#told.left(placed.change);
    if (placed.tag === 'untold' || placed.tag === 'passed' || placed.row === null) return;
    const { row } = placed;
    if (this.#told.isAsked(row) && !isKeyTold(row)) {
      this.#stop(logged.id, 'the log does not tell the key of a row');
      return;
    }
    if (isOfLarge(logged, statement) && this.#told.fold(row)) return;
    this.#announce(logged);
    this.#tables.told(logged.id);
    this.#told.addRow(row);
  }

  #lob(change: LobChange): void {
    // What is in a column that the server hides is what another one has.
    const lob = change.column !== null && isOfServer(change.column) ? { ...change, column: null } : change;
    const { table, column, rowId } = lob;
    const id = this.#tables.find(table);
    const logged = id === null ? null : this.#readable(id);
    if (logged === null) return;
    // By its place: which row it is, and what is in it, would have to be told by bytes too.
    if (this.#tables.isFormer(table)) this.#stop(logged.id, REPLACED);
    else if (column !== null && !this.#isColumn(logged, column)) this.#stop(logged.id, MISMATCH);
    const statement = lobUpdate(logged, lob);
    if (statement !== null) this.#row(table, statement, rowId);
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
    this.#told.add({ tag: 'schema', schema });
  }

  #obstacle(mined: MinedTable, reason: string): void {
    const id = this.#tables.find(mined);
    if (id !== null) this.#stop(id, reason);
  }

  /** Told with each transaction that cannot be read whole: a copy may have been made between two of them. */
  #stop(id: string, reason: string): void {
    if (this.#stopped.has(id)) return;
    this.#stopped.add(id);
    this.#told.add({ tag: 'obstacle', table: this.#tables.table(id).selection.table, reason });
  }

  #hasLarge(table: TableName): boolean {
    const { table: logged } = this.#tables.table(tableId(table));
    return !('reason' in logged) && logged.isLarge.includes(true);
  }
}

function isKeyTold({ logged: { identity, hasKey }, change: { after } }: AskedChange): boolean {
  return after === null || !hasKey || identity.every((place) => after[place] !== undefined);
}
