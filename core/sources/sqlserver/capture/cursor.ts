import type { RowChange } from '../../../changes/change.ts';
import { PenstockError } from '../../../errors/penstock-error.ts';
import type { LoggedTable } from '../logged-table.ts';
import { lsnBehind } from '../place.ts';
import { CapturedRows, isFirstOfTwo } from '../row-reader.ts';
import { allRows, type Row, type Session } from '../server/session.ts';
import { BEFORE_ALL, type CapturedPlace } from '../statements/capture.ts';
import type { Segment } from './segments.ts';

const COMMAND_DIGITS = 11;
const NOTHING = { command: '0', sequence: '0'.repeat(20), operation: BEFORE_ALL };

/** Rows of the first page, of which nobody knows how large they are. */
const FIRST_PAGE = 200;
/** More than one: a change may have two rows. */
const LEAST_PAGE = 4;
const MOST_PAGE = 10_000;
const GROWTH = 8;

/** Reads a part of one change table a page at a time, in the order of its changes. */
export class CapturedCursor {
  readonly logged: LoggedTable;
  readonly segment: Segment;
  readonly #rows: CapturedRows;
  #page: readonly Row[] = [];
  #index = 0;
  #place: CapturedPlace;
  #isDone = false;
  #most = FIRST_PAGE;

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

  /**
   * Reads on. A page ends with a whole change: a first row of two is left for the next one. Error 208 where the instance is gone.
   * @param share how many characters this cursor may hold, about
   */
  async fill(session: Session, share: number): Promise<void> {
    const { instance, upTo } = this.segment;
    const { outputs: columns } = this.logged;
    const most = this.#most;
    const page = await allRows(session, {
      tag: 'capturedChanges',
      instance: instance.name,
      columns,
      after: this.#place,
      upTo,
      most,
    });
    this.#isDone = page.length < most;
    this.#most = nextPage(page, most, share);
    const edge = page.at(-1);
    if (!this.#isDone && edge !== undefined && isFirstOfTwo(edge)) page.pop();
    this.#page = page;
    this.#index = 0;
    const last = page.at(-1);
    if (last !== undefined) this.#place = placeOf(last);
  }

  /** Takes the next change. @throws PenstockError PS2008 */
  take(): RowChange {
    const row = this.#page[this.#index];
    if (row === undefined) throw new PenstockError('PS9001', `no change of ${this.logged.id} is at hand`);
    const { change, rows } = this.#rows.next(row, this.#page[this.#index + 1]);
    this.#index += rows;
    return change;
  }
}

/** How many rows to ask for next, by the size of those that came: as many as fit the share, but not many times more than before. */
function nextPage(page: readonly Row[], most: number, share: number): number {
  if (page.length === 0) return most;
  let characters = 0;
  for (const row of page) for (const text of row) characters += text?.length ?? 0;
  const fitting = Math.floor((share * page.length) / Math.max(1, characters));
  return Math.min(Math.max(fitting, LEAST_PAGE), most * GROWTH, MOST_PAGE);
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
