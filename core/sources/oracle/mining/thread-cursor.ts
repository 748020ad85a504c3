import { compareAddresses, isNowhere, type LogAddress } from './log-address.ts';
import type { MinedRow } from './mined-row.ts';
import { compareScns, laterScn } from './scn.ts';

/**
 * Rows of a thread that need not be read again: all before an address. `through`: only those up to this SCN, for the reading had that end;
 * null: whatever their SCN is.
 */
export interface ReadPart extends LogAddress {
  readonly through: string | null;
}

/** Rows of a thread that were taken: those before an address, and some at it, as far as their SCN is not beyond `through`. */
interface TakenPart {
  readonly address: LogAddress;
  /** How many of those at `address`, with the rows without an address behind them. 0: they were not taken by this reader. */
  readonly rows: number;
  /** The round ended at this SCN, wherever in the log greater ones stand; null: it knew no end but the log's. */
  readonly through: string | null;
  /** The greatest SCN met. */
  readonly seen: string;
}

/**
 * What was taken of one redo thread, so that a log that is read again gives each row once. Rows come in the order of their addresses;
 * their SCNs do not grow with these: what a private strand held back surfaces late, with lower ones. So the address decides, and an SCN only
 * where a round was ended by one, and for rows without an address, which stand behind the row that came before them.
 * (Where both come together, in a round with an end that leaves rows out before one without an address that surfaced late, it may be taken twice:
 * so mining ends rounds with the log, not at an SCN, wherever it can.)
 * A round begins at or before the last address of the one before it, with the first row of an address.
 */
export class ThreadCursor {
  readonly #floor: string;
  #taken: TakenPart[] = [];
  /** Of this round: the last address, the rows met at it, and of each part that ends there those that it may have taken. */
  #at: LogAddress | null = null;
  #rows = 0;
  readonly #met = new Map<TakenPart, number>();
  #seen = '0';
  #through: string | null = null;
  #isOrdered = true;
  /** The greatest SCN of a round in which no row had an address. */
  #unplaced = '0';

  /** `read`: what need not be given; empty: rows below the SCN `floor`. */
  constructor(read: readonly ReadPart[], floor: string) {
    this.#floor = floor;
    for (const { rsId, ssn, through } of read)
      this.#taken.push({ address: { rsId, ssn }, rows: 0, through, seen: '0' });
  }

  /** The last address that was met; null: none. */
  get reached(): LogAddress | null {
    if (this.#at !== null) return this.#at;
    const addresses = this.#taken.map(({ address }) => address);
    return addresses.reduce<LogAddress | null>((a, b) => (a === null || compareAddresses(a, b) < 0 ? b : a), null);
  }

  /** What need not be read again for what comes from here on: never the last row itself, nor what shares its address. */
  get read(): readonly ReadPart[] {
    const parts = this.#taken.map((part) => ({ ...part, rows: 0 }));
    if (this.#at !== null) parts.push({ address: this.#at, rows: 0, through: this.#through, seen: '0' });
    return withoutCovered(parts).map(({ address, through }) => ({ ...address, through }));
  }

  /**
   * From here on rows come that may have come before. `through`: no row with a greater SCN comes, though more of the log may have been written.
   * @returns whether it is known which rows came before: if not, a new reader must begin at its position
   */
  beginRound(through: string | null): boolean {
    const isExact = this.#isOrdered || this.#at === null;
    this.endRound();
    this.#through = through;
    return isExact;
  }

  endRound(): void {
    if (this.#at !== null) {
      const part = { address: this.#at, rows: this.#rows, through: this.#through, seen: this.#through ?? this.#seen };
      const all = [...this.#taken, part];
      const seen = all.reduce((latest, other) => laterScn(latest, other.seen), '0');
      this.#taken = withoutCovered(all).map((one) => (one.rows === 0 ? one : { ...one, seen }));
    } else this.#unplaced = laterScn(this.#unplaced, this.#seen);
    this.#at = null;
    this.#rows = 0;
    this.#met.clear();
    this.#seen = '0';
    this.#isOrdered = true;
  }

  /** Whether the row is new. To be asked once for each row, in order. */
  take(row: MinedRow): boolean {
    if (!isNowhere(row.rsId)) this.#meet(row);
    this.#rows++;
    this.#seen = laterScn(this.#seen, row.scn);
    if (this.#at === null && compareScns(row.scn, this.#unplaced) <= 0) return false;
    if (this.#taken.length === 0) return compareScns(row.scn, this.#floor) >= 0;
    if (this.#at === null) return this.#isNewBySeen(row.scn);
    let isNew = true;
    for (const part of this.#taken) if (this.#holds(part, this.#at, row.scn)) isNew = false;
    return isNew;
  }

  #meet(row: MinedRow): void {
    const order = this.#at === null ? 1 : compareAddresses(row, this.#at);
    if (order < 0) this.#isOrdered = false;
    if (order <= 0) return;
    this.#at = { rsId: row.rsId, ssn: row.ssn };
    this.#rows = 0;
  }

  #holds(part: TakenPart, address: LogAddress, scn: string): boolean {
    if (part.through !== null && compareScns(scn, part.through) > 0) return false;
    const order = compareAddresses(address, part.address);
    if (order !== 0) return order < 0;
    const met = (this.#met.get(part) ?? 0) + 1;
    this.#met.set(part, met);
    return met <= part.rows;
  }

  /** No address came before it in this round: its SCN is all that there is. */
  #isNewBySeen(scn: string): boolean {
    if (compareScns(scn, this.#floor) < 0) return false;
    return !this.#taken.some(({ rows, through, seen }) => {
      const end = rows === 0 ? through : seen;
      return end !== null && compareScns(scn, end) <= 0;
    });
  }
}

function withoutCovered(parts: readonly TakenPart[]): TakenPart[] {
  return parts.filter(
    (part, index) =>
      !parts.some((other, at) => at !== index && covers(other, part) && !(covers(part, other) && index < at)),
  );
}

function covers(part: TakenPart, other: TakenPart): boolean {
  const order = compareAddresses(part.address, other.address);
  if (order < 0 || (order === 0 && other.rows > part.rows)) return false;
  return part.through === null || (other.through !== null && compareScns(part.through, other.through) >= 0);
}
