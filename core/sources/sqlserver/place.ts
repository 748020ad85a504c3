import { z } from 'zod';
import type { SourcePosition } from '../../changes/position.ts';
import { PenstockError } from '../../errors/penstock-error.ts';

/**
 * A place in what change tracking tells. `version`: all commits up to it were read. `told`: the streams were told of tables whose
 * changes up to there are not whole, see tracking/rounds; never before `version`.
 */
export interface TrackedPlace {
  readonly version: string;
  readonly told: string;
}

/** A place in the order of captured commits: an LSN of 20 upper-case hexadecimal digits, and whether the commit at it was read. */
export interface CapturedEnd {
  readonly lsn: string;
  readonly isRead: boolean;
}

const VERSION_DIGITS = 20;
/** A position stands behind the commit whose place it has: a `begin` has the same text without this. */
const BEHIND = '+';

const version = z.string().regex(/^\d{1,19}$/);
const trackedPlace = z.strictObject({ version, told: version });
const capturedEnd = z.strictObject({ lsn: z.string().regex(/^[0-9A-F]{20}$/), isRead: z.boolean() });

/** Where a commit stands among all of the database: sorts as a string. */
export function versionOrder(text: string): string {
  return text.padStart(VERSION_DIGITS, '0');
}

export function trackedPosition(lineage: string, place: TrackedPlace): SourcePosition {
  const order = `${versionOrder(place.told)}${BEHIND}`;
  return { lineage, order, resume: JSON.stringify({ version: place.version, told: place.told }) };
}

export function trackedPlaceOf(position: SourcePosition): TrackedPlace {
  return trackedPlace.parse(JSON.parse(position.resume));
}

export function capturedPosition(lineage: string, { lsn, isRead }: CapturedEnd): SourcePosition {
  return { lineage, order: isRead ? `${lsn}${BEHIND}` : lsn, resume: JSON.stringify({ lsn, isRead }) };
}

export function capturedEndOf(position: SourcePosition): CapturedEnd {
  return capturedEnd.parse(JSON.parse(position.resume));
}

export function compareVersions(a: string, b: string): number {
  const [left, right] = [versionOrder(a), versionOrder(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** `0000002B:00000128:0001`, as views print an LSN → 20 hexadecimal digits. @throws PenstockError PS2008 */
export function lsnDigits(text: string): string {
  const [file = '', block = '', slot = ''] = text.split(':');
  const digits = text.includes(':') ? file.padStart(8, '0') + block.padStart(8, '0') + slot.padStart(4, '0') : text;
  if (!/^[0-9a-f]{20}$/i.test(digits)) throw new PenstockError('PS2008', 'the server gave an LSN of an unknown form');
  return digits.toUpperCase();
}
