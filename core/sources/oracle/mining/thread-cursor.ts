import { sequenceOf } from '../logs/log-place.ts';
import { compareAddresses, isNowhere, type LogAddress } from './log-address.ts';
import type { MinedRow } from './mined-row.ts';
import { RowCounts } from './row-counts.ts';
import { compareScns } from './scn.ts';

/**
 * Rows of a thread that need not be read again: all before an address. `through`: only those up to this SCN, for the reading had that end;
 * null: whatever their SCN is.
 */
export interface ReadPart extends LogAddress {
  readonly through: string | null;
}

/** Rows of a thread that were taken in a round: those before the last address that was met, and some at it. */
interface TakenPart {
  readonly address: LogAddress;
  /** The round ended at this SCN, wherever in the log greater ones stand; null: it knew no end but the log's. */
  readonly through: string | null;
  /** Those at `address`. */
  readonly rows: RowCounts;
}

const NONE: readonly MinedRow[] = [];

/**
 * What was taken of one redo thread, so that a log that is read again gives each row once.
 *
 * Order: a log only grows, and rows come in the order of their addresses. SCNs do not grow with these: what a private strand held back surfaces
 * late, behind greater ones. A round gives rows from one SCN on up to its end; up to the log's end (archived logs, 19c), or up to an SCN
 * (CONTINUOUS_MINE, inside a pluggable database), where greater ones are left out of their midst.
 *
 * With an address: what stands before the last one that a round met, and is not beyond the round's end, was in the log then and was given;
 * what stands behind it was not. At it (a round may be cut off there) rows are told apart by what they are: see {@link RowCounts}.
 *
 * Without an address: a row may surface anywhere behind those that were read, and which neighbours a round shows depends on its ends. So it is told
 * by what it is. The log only grows and a round gives all rows of an SCN or none: the n-th of equal rows is the same one in every round. Those with
 * lower SCNs than a round begins at are forgotten, for none comes again.
 *
 * Behind a restart nothing is known of those but the position: all before its address was read. A row without an address waits for the next one that
 * has one: where this does not stand behind the position's address, it was read before. So it was where the round ends with a log before that address.
 * The first round reaches at least as far as the position was read (logs/windows.ts), so that what it leaves out is new. Where it has no row at the
 * position's address (of a table that is not followed any more), the row may stand on either side and is taken: the end of a transaction that ended
 * before that address stands between both, so that it is none of those.
 */
export class ThreadCursor {
  /** Where reading began, and those of it that were not passed in this round. */
  readonly #begun: readonly ReadPart[];
  #ahead: readonly ReadPart[];
  /** Null: places say where it began. */
  readonly #floor: string | null;
  #taken: readonly TakenPart[];
  /** Without an address, of all rounds. */
  readonly #unplaced = new RowCounts();
  /** Of this round: the last address, the rows met at it, counted where an earlier round ended there, and those without an address. */
  #at: LogAddress | null = null;
  #here: MinedRow[] = [];
  #counted: RowCounts | null = null;
  #met = new RowCounts();
  /** Without an address, behind the last one that was met: what comes next says where they stand. */
  #held: MinedRow[] = [];
  #through: string | null = null;
  #isOrdered = true;

  /** `read`: what need not be given; empty: rows below the SCN `floor`. */
  constructor(read: readonly ReadPart[], floor: string) {
    this.#begun = read;
    this.#ahead = read;
    this.#floor = read.length === 0 ? floor : null;
    this.#taken = read.map(({ rsId, ssn, through }) => ({ address: { rsId, ssn }, through, rows: new RowCounts() }));
  }

  /** The last address that was met; null: none. */
  get reached(): LogAddress | null {
    if (this.#at !== null) return this.#at;
    const addresses = this.#taken.map(({ address }) => address);
    return addresses.reduce<LogAddress | null>((a, b) => (a === null || compareAddresses(a, b) < 0 ? b : a), null);
  }

  /** What need not be read again for what comes from here on: never the last row itself, nor what shares its address, nor what waits. */
  get read(): readonly ReadPart[] {
    const parts: Omit<TakenPart, 'rows'>[] = [...this.#taken];
    if (this.#at !== null) parts.push({ address: this.#at, through: this.#through });
    return withoutCovered(parts).map(({ address, through }) => ({ ...address, through }));
  }

  /**
   * From here on rows come that may have come before. `from`: none with a lower SCN. `through`: none with a greater one, though more of the log
   * may have been written.
   * @returns whether it is known which rows came before: if not, a new reader must begin at its position
   */
  beginRound(from: string, through: string | null): boolean {
    const isExact = this.#isOrdered || this.#at === null;
    this.endRound();
    this.#through = through;
    return this.#unplaced.forgetBelow(from) && isExact;
  }

  /** What waits is given up: it comes again. */
  endRound(): void {
    if (this.#at !== null) this.#taken = withoutCovered(this.#takenWith(this.#at));
    this.#at = null;
    this.#here = [];
    this.#counted = null;
    this.#met = new RowCounts();
    this.#held = [];
    this.#ahead = this.#begun;
    this.#isOrdered = true;
  }

  /** Whether the row has to wait: it has no address, and may stand before the place where reading began. Each row is given to this first, in order. */
  hold(row: MinedRow): boolean {
    if (this.#ahead.length === 0 || !isNowhere(row.rsId)) return false;
    this.#held.push(row);
    return true;
  }

  /** What waited, as far as it is new; to be asked before `take`, with the row behind it. */
  release(next: LogAddress): readonly MinedRow[] {
    return this.#released((part) => compareAddresses(next, part) <= 0);
  }

  /** The same when no row comes any more in this round. `lastLog`: sequence number of the last log that was read; null: not known. */
  releaseAtEnd(lastLog: number | null): readonly MinedRow[] {
    return this.#released(({ rsId }) => lastLog !== null && (sequenceOf(rsId) ?? 0) > lastLog);
  }

  /** Whether a row that did not have to wait is new. */
  take(row: MinedRow): boolean {
    if (isNowhere(row.rsId)) return this.#unplaced.admit(row, this.#met.add(row)) && !this.#isBelow(row);
    this.#meet(row);
    this.#here.push(row);
    const count = this.#counted?.add(row) ?? 0;
    if (this.#isBelow(row)) return false;
    for (const part of this.#taken) if (this.#at !== null && holds(part, this.#at, row, count)) return false;
    return true;
  }

  #meet(row: MinedRow): void {
    const order = this.#at === null ? 1 : compareAddresses(row, this.#at);
    if (order < 0) this.#isOrdered = false;
    if (order <= 0) return;
    this.#at = { rsId: row.rsId, ssn: row.ssn };
    if (this.#ahead.length > 0) this.#ahead = this.#ahead.filter((part) => compareAddresses(row, part) < 0);
    this.#here.length = 0;
    this.#counted = this.#taken.some((part) => compareAddresses(row, part.address) === 0) ? new RowCounts() : null;
  }

  /** Rows at an address are those of all rounds that ended there. */
  #takenWith(address: LogAddress): TakenPart[] {
    const isThere = (part: TakenPart) => compareAddresses(part.address, address) === 0;
    let rows = RowCounts.of(this.#here);
    for (const part of this.#taken) if (isThere(part)) rows = rows.merged(part.rows);
    const taken = this.#taken.map((part) => (isThere(part) ? { ...part, rows } : part));
    return [...taken, { address, through: this.#through, rows }];
  }

  /** `isBefore`: what waits stands before the place. */
  #released(isBefore: (part: ReadPart) => boolean): readonly MinedRow[] {
    if (this.#held.length === 0) return NONE;
    const read = this.#ahead.filter(isBefore);
    const released = this.#held.filter(
      (row) => this.#unplaced.admit(row, this.#met.add(row)) && read.every((part) => isBeyond(part, row.scn)),
    );
    this.#held = [];
    return released;
  }

  #isBelow({ scn }: MinedRow): boolean {
    return this.#floor !== null && compareScns(scn, this.#floor) < 0;
  }
}

/** `count`: how many of its kind were met at the address, with it. */
function holds(part: TakenPart, at: LogAddress, row: MinedRow, count: number): boolean {
  if (isBeyond(part, row.scn)) return false;
  const order = compareAddresses(at, part.address);
  return order === 0 ? count <= part.rows.count(row) : order < 0;
}

function isBeyond({ through }: { readonly through: string | null }, scn: string): boolean {
  return through !== null && compareScns(scn, through) > 0;
}

function withoutCovered<Part extends Omit<TakenPart, 'rows'>>(parts: readonly Part[]): Part[] {
  return parts.filter(
    (part, index) =>
      !parts.some((other, at) => at !== index && covers(other, part) && !(covers(part, other) && index > at)),
  );
}

function covers(part: Omit<TakenPart, 'rows'>, other: Omit<TakenPart, 'rows'>): boolean {
  if (compareAddresses(part.address, other.address) < 0) return false;
  return part.through === null || (other.through !== null && compareScns(part.through, other.through) >= 0);
}
