import * as z from 'zod';
import type { SourcePosition } from '../../../changes/position.ts';
import { keptTimes, type KeptTimes } from '../../server-times.ts';
import { keptTables, type PrintedTables } from '../following/table-structure.ts';
import { paddedAddress, type LogAddress } from './log-address.ts';
import type { ThreadPlaces } from './open-transaction.ts';
import { paddedScn } from './scn.ts';

/** What reading began with, when a pipeline was prepared (see hand-off.ts). */
export interface FirstStart {
  /** Only commits behind this SCN are told. */
  readonly startScn: string;
  /** Transactions that began at or after it were read from their first row. */
  readonly openFloorScn: string;
  /** Those that were open then, of which all rows are read too: transaction-key.ts. */
  readonly openTransactions: readonly string[];
}

/** The commits of a thread that were told. */
export interface ToldCommits {
  /** All up to this address whose SCN is not beyond `scn`, … */
  readonly address: LogAddress | null;
  readonly scn: string;
  /** … and of those exactly at it the transactions named here. */
  readonly keys: readonly string[];
}

/**
 * Where reading goes on: behind whole transactions in the order of their commits, but from the first row on of the oldest one that is still open.
 * It does not depend on how the log is mined. DBID and RESETLOGS are the position's lineage.
 */
export interface MinedPlace {
  readonly resume: {
    /** No row that is still needed has a lower SCN, of those that had surfaced. */
    readonly scn: string;
    /**
     * What of each thread need not be read again. What surfaces behind these addresses may have any SCN: so mining begins, of each thread, with the
     * log file whose sequence number an RS_ID here begins with, or with the one that holds `scn`, whichever is earlier, and at the FIRST_CHANGE# of it.
     */
    readonly threads: ThreadPlaces;
  };
  readonly told: Readonly<Record<string, ToldCommits>>;
  /** Null once nothing is open that began before it. */
  readonly firstStart: FirstStart | null;
  /** Of the first start: it stays. */
  readonly startScn: string;
  /** The tables as they are at this place of the log, as far as it is known. */
  readonly tables?: PrintedTables;
  /** By which the times of the commits behind it are told. */
  readonly times?: KeptTimes;
}

const scn = z.string().regex(/^\d{1,20}$/);
const address = z.strictObject({ rsId: z.string().regex(/^[0-9A-Fa-fx.]+$/), ssn: z.int().nonnegative() });
const thread = z.string().regex(/^\d+$/);
const minedPlace = z.strictObject({
  resume: z.strictObject({ scn, threads: z.record(thread, z.array(address.extend({ through: scn.nullable() }))) }),
  told: z.record(thread, z.strictObject({ address: address.nullable(), scn, keys: z.array(z.string()) })),
  firstStart: z.strictObject({ startScn: scn, openFloorScn: scn, openTransactions: z.array(z.string()) }).nullable(),
  startScn: scn,
  tables: keptTables.exactOptional(),
  times: keptTimes.exactOptional(),
});

/** Sorts behind everything that has the same SCN. */
const ALL_OF_SCN = '~';
/** A position stands behind the commit whose place it has. */
const BEHIND = '+';
const LATE_DIGITS = 6;
const THREAD_DIGITS = 5;

/** Where a commit stands among all, as a text that sorts: SCN, thread, address. */
export function commitOrder(commit: {
  readonly orderScn: string;
  readonly thread: number;
  readonly address: LogAddress | null;
  readonly key: string;
}): string {
  const { orderScn, thread, address, key } = commit;
  const place = paddedAddress(address ?? { rsId: '', ssn: 0 });
  return `${paddedScn(orderScn)}/${thread.toString().padStart(THREAD_DIGITS, '0')}/${place}/${key}`;
}

/** The order of a commit that surfaced when later ones had been told: behind `last`, a position's order. */
export function lateOrder(last: string): string {
  const [, place = last, count = ''] = /^(.*?)(?:\+(\d*))?\+?$/.exec(last) ?? [];
  return `${place}${BEHIND}${(Number(count) + 1).toString().padStart(LATE_DIGITS, '0')}`;
}

/** The order of the position behind a commit. */
export function behindCommit(order: string): string {
  return `${order}${BEHIND}`;
}

/** The order of a position behind all commits up to an SCN. */
export function behindScn(scn: string): string {
  return `${paddedScn(scn)}${ALL_OF_SCN}`;
}

/** The SCN with which an order begins. */
export function scnOfOrder(order: string): string {
  return BigInt(/^\d+/.exec(order)?.[0] ?? '0').toString();
}

export function minedPosition(lineage: string, order: string, place: MinedPlace): SourcePosition {
  const { resume, told, firstStart, startScn, times } = place;
  const printed = { resume, told, firstStart, startScn, ...(times === undefined ? {} : { times }) };
  return { lineage, order, resume: JSON.stringify(printed) };
}

/** The position with what is known of the server's clock there. */
export function withTimes(position: SourcePosition, times: KeptTimes): SourcePosition {
  return { ...position, resume: `${position.resume.slice(0, -1)},"times":${JSON.stringify(times)}}` };
}

/** The position with what is known of the tables there. `tables`: JSON, because it is the same in most positions. */
export function withTables(position: SourcePosition, tables: string): SourcePosition {
  return { ...position, resume: `${position.resume.slice(0, -1)},"tables":${tables}}` };
}

export function minedPlaceOf(position: SourcePosition): MinedPlace {
  return minedPlace.parse(JSON.parse(position.resume));
}

/**
 * Behind all commits up to `startScn`. `openFloorScn` was asked before the open transactions and `startScn` behind them:
 * whatever is needed begins at or after `openFloorScn`, or at the `startScn` of one that was open.
 */
export function firstPosition(
  lineage: string,
  found: {
    readonly startScn: string;
    readonly openFloorScn: string;
    readonly open: readonly { readonly key: string; readonly startScn: string }[];
    readonly times?: KeptTimes;
  },
): SourcePosition {
  const { startScn, openFloorScn, open, times } = found;
  const scn = [openFloorScn, ...open.map((one) => one.startScn)].reduce((a, b) => (BigInt(b) < BigInt(a) ? b : a));
  const openTransactions = open.map(({ key }) => key);
  return minedPosition(lineage, behindScn(startScn), {
    resume: { scn, threads: {} },
    told: {},
    firstStart: { startScn, openFloorScn, openTransactions },
    startScn,
    ...(times === undefined ? {} : { times }),
  });
}
