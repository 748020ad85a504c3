import { PenstockError } from '../../../errors/penstock-error.ts';
import { allRows, oneRow } from '../../session.ts';
import type { ClockSight } from '../../server-times.ts';
import { readClockSight } from '../source-time.ts';
import type { Session } from './session.ts';

/** A transaction that was open when it was looked for. */
export interface OpenTransactionFound {
  readonly segment: number;
  readonly slot: number;
  readonly sequence: number;
  /** The SCN at which it began. */
  readonly startScn: string;
  /** 0: there are no containers. */
  readonly container: number;
}

/**
 * From copy to log: what committed at or before `startScn` is in the copy, and all else comes by the log. A transaction that commits behind
 * `startScn` began at or after `openFloorScn`, or is among `open`: its first row is no older than the `startScn` that stands there.
 */
export interface HandOff {
  readonly openFloorScn: string;
  readonly startScn: string;
  readonly open: readonly OpenTransactionFound[];
  /** The clock at `startScn`. */
  readonly sight: ClockSight;
}

/** @throws PenstockError PS2008; the server's refusal where rights are missing */
export async function currentScn(session: Session): Promise<string> {
  const [scn] = await oneRow(session, { tag: 'currentScn' });
  if (scn === undefined || scn === null) throw new PenstockError('PS2008', 'the server does not tell its SCN');
  return scn;
}

/**
 * In this order: a transaction that began before the first SCN is either over when the list is read, and then committed before the second SCN,
 * or in the list. `root`: in the root of a container database, to see the transactions of all instances and containers.
 * @throws PenstockError PS2010 where the place is not told at which a transaction began
 */
export async function readHandOff(root: Session): Promise<HandOff> {
  const openFloorScn = await currentScn(root);
  const rows = await allRows(root, { tag: 'openTransactions' });
  const { scn: startScn, ...sight } = await readClockSight(root);
  const open = rows.map(([, segment, slot, sequence, began, container]) => ({
    segment: Number(segment),
    slot: Number(slot),
    sequence: Number(sequence),
    startScn: began ?? openFloorScn,
    container: Number(container ?? 0),
  }));
  const untold = open.find(({ startScn: began }) => began === '0');
  if (untold !== undefined) throw untoldStart(untold);
  return { openFloorScn, startScn, open, sight };
}

/** Users of other readers met such transactions. Left out, it would be lost; begun at 0, no log would reach back far enough. */
function untoldStart({ segment, slot, sequence }: OpenTransactionFound): PenstockError {
  return new PenstockError(
    'PS2010',
    `transaction ${segment}.${slot}.${sequence} is open, and the server does not tell where it began (START_SCN is 0)`,
    {
      remedy: `It is tried again. If it stays: look at GV$TRANSACTION where XIDUSN = ${segment} and XIDSLOT = ${slot}, and wait for its end or end it.`,
    },
  );
}
