import { PenstockError } from '../../../errors/penstock-error.ts';
import type { ReadCommit } from './commit-merge.ts';
import { compareAddresses, type LogAddress } from './log-address.ts';
import type { FirstStart, MinedPlace, ToldCommits } from './mined-place.ts';
import type { OpenTransaction } from './open-transaction.ts';
import { compareScns, laterScn } from './scn.ts';

/** Which commits were told before reading began, and which since. */
export class CommitsTold {
  readonly #before: MinedPlace;
  readonly #told = new Map<number, ToldCommits>();
  #firstStart: FirstStart | null;

  constructor(place: MinedPlace) {
    this.#before = place;
    this.#firstStart = place.firstStart;
    for (const [thread, commits] of Object.entries(place.told)) this.#told.set(Number(thread), commits);
  }

  /** Of the last commit of each thread. */
  get scns(): ReadonlyMap<number, string> {
    return new Map([...this.#told].map(([thread, { scn }]) => [thread, scn]));
  }

  /**
   * Whether a commit that was read lies before the position that reading began at.
   * @throws PenstockError PS2008 for one behind it of which not all rows were read
   */
  isBefore(commit: Omit<ReadCommit, 'orderScn'>): boolean {
    const { startScn, told } = this.#before;
    if (compareScns(commit.scn, startScn) <= 0) return true;
    const commits = told[commit.thread.toString()];
    if (commits !== undefined && isAmong(commits, commit)) return true;
    this.#checkWhole(commit.transaction);
    return false;
  }

  tell({ thread, address, orderScn, transaction: { key } }: ReadCommit): void {
    const last = this.#told.get(thread);
    if (last === undefined) {
      this.#told.set(thread, { address, scn: orderScn, keys: [key] });
      return;
    }
    const scn = laterScn(last.scn, orderScn);
    const order = compareReached({ address, scn: orderScn }, last);
    if (order < 0) this.#told.set(thread, { ...last, scn });
    else this.#told.set(thread, { address, scn, keys: order === 0 ? [...last.keys, key] : [key] });
  }

  /** What is to be kept with a position of which nothing before `resumeScn` is needed. */
  kept(resumeScn: string): Pick<MinedPlace, 'told' | 'firstStart' | 'startScn'> {
    const { startScn } = this.#before;
    if (this.#firstStart !== null && compareScns(resumeScn, startScn) > 0) this.#firstStart = null;
    return { told: Object.fromEntries(this.#told), firstStart: this.#firstStart, startScn };
  }

  #checkWhole({ key, scn }: OpenTransaction): void {
    const first = this.#firstStart;
    if (first === null || compareScns(scn, first.openFloorScn) >= 0 || first.openTransactions.includes(key)) return;
    throw new PenstockError(
      'PS2008',
      `transaction ${key} began at SCN ${scn}, before replication was prepared, but was not among those open then: its first rows may be missing`,
    );
  }
}

function isAmong(told: ToldCommits, commit: Omit<ReadCommit, 'orderScn'>): boolean {
  if (told.keys.includes(commit.transaction.key)) return true;
  const order = compareReached(commit, told);
  return order < 0 && compareScns(commit.scn, told.scn) <= 0;
}

/** By address where both have one, else by SCN. */
function compareReached(
  a: { readonly address: LogAddress | null; readonly scn: string },
  b: { readonly address: LogAddress | null; readonly scn: string },
): number {
  if (a.address === null || b.address === null) return compareScns(a.scn, b.scn);
  return compareAddresses(a.address, b.address);
}
