import * as z from 'zod';
import type { SourcePosition } from '../../changes/position.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { keptTimes, type KeptTimes } from '../server-times.ts';

/**
 * A place in what change tracking tells. `version`: all commits up to it were read. `told`: tables, by id, of which it was told behind that
 * that their changes are whole only from this version on; empty but between two transactions of one round. `fresh`: tables whose tracking
 * began at this very version, before it was read.
 */
export interface TrackedPlace {
  readonly version: string;
  readonly told: Told;
  readonly fresh: readonly string[];
}

/** A place among captured commits: all up to this LSN, 20 upper-case hexadecimal digits, were read. */
export interface CapturedReach {
  readonly lsn: string;
  /** By which the times of the commits behind it are told. */
  readonly times?: KeptTimes;
}

/** By table id, the version from which its changes are whole. */
export type Told = Readonly<Record<string, string>>;

const VERSION_DIGITS = 20;
const LSN_DIGITS = 20;
/** A position stands behind the commit whose place it has: a `begin` has the same text without this. */
const BEHIND = '+';

const version = z.string().regex(/^\d{1,19}$/);
const trackedPlace = z.strictObject({
  version,
  told: z.record(z.string(), version),
  fresh: z.array(z.string()).default([]),
});
const lsn = z.string().regex(/^[0-9A-F]{20}$/);
const capturedReach = z.strictObject({ lsn, times: keptTimes.exactOptional() });

/** Where a commit stands among all of the database: sorts as a string. */
export function versionOrder(text: string): string {
  return text.padStart(VERSION_DIGITS, '0');
}

export function trackedPosition(lineage: string, place: TrackedPlace): SourcePosition {
  const { version, told, fresh } = place;
  const orders = [version, ...Object.values(told)].map(versionOrder);
  return {
    lineage,
    order: `${latest(orders)}${BEHIND}`,
    resume: JSON.stringify({ version, told, ...(fresh.length > 0 ? { fresh } : {}) }),
  };
}

export function trackedPlaceOf(position: SourcePosition): TrackedPlace {
  return trackedPlace.parse(JSON.parse(position.resume));
}

export function capturedPosition(lineage: string, { lsn, times }: CapturedReach): SourcePosition {
  const resume = JSON.stringify({ lsn, ...(times === undefined ? {} : { times }) });
  return { lineage, order: `${lsn}${BEHIND}`, resume };
}

function latest(orders: readonly string[]): string {
  return orders.reduce((a, b) => (a < b ? b : a));
}

export function capturedReachOf(position: SourcePosition): CapturedReach {
  return capturedReach.parse(JSON.parse(position.resume));
}

/** The LSN just before another one. */
export function lsnBefore(lsn: string): string {
  return lsnText(BigInt(`0x${lsn}`) - 1n);
}

/** The LSN just behind another one. */
export function lsnBehind(lsn: string): string {
  return lsnText(BigInt(`0x${lsn}`) + 1n);
}

function lsnText(number: bigint): string {
  return (number < 0n ? 0n : number).toString(16).toUpperCase().padStart(LSN_DIGITS, '0');
}

export function compareVersions(a: string, b: string): number {
  const [left, right] = [versionOrder(a), versionOrder(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** `0000002B:00000128:0001`, as views print an LSN → 20 hexadecimal digits. @throws PenstockError PS2008 */
export function lsnDigits(text: string): string {
  const parts = /^([0-9a-f]{1,8}):([0-9a-f]{1,8}):([0-9a-f]{1,4})$/i.exec(text);
  const [, file = '', block = '', slot = ''] = parts ?? [];
  const digits = parts === null ? text : file.padStart(8, '0') + block.padStart(8, '0') + slot.padStart(4, '0');
  if (!/^[0-9a-f]{20}$/i.test(digits)) throw new PenstockError('PS2008', 'the server gave an LSN of an unknown form');
  return digits.toUpperCase();
}
