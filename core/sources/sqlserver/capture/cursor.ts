import type { RowChange } from '../../../changes/change.ts';
import type { LoggedTable } from '../logged-table.ts';
import { lsnBehind } from '../place.ts';
import { CapturedRows } from '../row-reader.ts';
import { allRows, type Row, type Session } from '../server/session.ts';
import type { CapturedPlace } from '../statements/capture.ts';
import type { Segment } from './segments.ts';

const COMMAND_DIGITS = 11;
/** Behind all places of a commit: no operation is greater. */
const NOTHING = { command: '0', sequence: '0'.repeat(20), operation: '0' };

/** Reads a part of one change table a page at a time, in the order of its changes. */
export class CapturedCursor {
  readonly logged: LoggedTable;
  readonly segment: Segment;
  readonly #rows: CapturedRows;
  #page: readonly Row[] = [];
  #index = 0;
  #place: CapturedPlace;
  #isDone = false;

  /** `ordinals`: by column of the schema, its ordinal in update masks. */
  constructor(logged: LoggedTable, segment: Segment, ordinals: readonly number[]) {
    this.logged = logged;
    this.segment = segment;
    this.#rows = new CapturedRows(logged, ordinals);
    // All of the commit at `after` lies before the first place of the next LSN.
    this.#place = { lsn: lsnBehind(segment.after), ...NOTHING };
  }

  /** Whether the next change is only known when more was read. */
  get isWanting(): boolean {
    return this.#index >= this.#page.length && !this.#isDone;
  }

  /** Where the next row stands among all tables' changes, a text that sorts; null: there is none, or it was not read yet. */
  get head(): string | null {
    const row = this.#page[this.#index];
    return row === undefined ? null : placeKey(row);
  }

  /** Of the next row. */
  get lsn(): string | null {
    return this.#page[this.#index]?.[0] ?? null;
  }

  /** Reads on. Error 208 where the instance is gone. */
  async fill(session: Session, most: number): Promise<void> {
    const { instance, upTo } = this.segment;
    const { outputs: columns } = this.logged;
    const page = await allRows(session, {
      tag: 'capturedChanges',
      instance: instance.name,
      columns,
      after: this.#place,
      upTo,
      most,
    });
    this.#page = page;
    this.#index = 0;
    this.#isDone = page.length < most;
    const last = page.at(-1);
    if (last !== undefined) this.#place = placeOf(last);
  }

  /** Takes the next row. @returns null where it is told with the one after it. @throws PenstockError PS2008 */
  take(): RowChange | null {
    const row = this.#page[this.#index++];
    return row === undefined ? null : this.#rows.next(row);
  }
}

function placeOf([lsn, command, sequence, operation]: Row): CapturedPlace {
  return { lsn: lsn ?? '', command: command ?? '0', sequence: sequence ?? '', operation: operation ?? '0' };
}

/** By LSN, command, sequence value and operation: the sequence value alone does not tell the order inside a transaction. */
export function placeKey([lsn, command, sequence, operation]: Row): string {
  return `${lsn ?? ''}${(command ?? '0').padStart(COMMAND_DIGITS, '0')}${sequence ?? ''}${operation ?? ''}`;
}

/** The cursor whose next row comes first, and the place up to which no other one has a row. */
export function firstCursor(
  cursors: readonly CapturedCursor[],
): { readonly cursor: CapturedCursor; readonly until: string | null } | null {
  let first: CapturedCursor | null = null;
  let least: string | null = null;
  let until: string | null = null;
  for (const cursor of cursors) {
    const { head } = cursor;
    if (head === null) continue;
    if (least === null || head < least) {
      until = least;
      least = head;
      first = cursor;
    } else if (until === null || head < until) until = head;
  }
  return first === null ? null : { cursor: first, until };
}
