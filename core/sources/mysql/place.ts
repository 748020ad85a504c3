import * as z from 'zod';
import type { SourcePosition } from '../../changes/position.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { alterationNotes, type AlterationNotes } from './statements/alteration-watch.ts';

/** A place in the binlog, between two transactions. */
export interface LogPlace {
  readonly file: string;
  /** Bytes from the file's beginning. */
  readonly position: number;
  /**
   * When the file was begun, seconds since 1970 by its format description event: tells it from another one of its name
   * (RESET MASTER, a restored server). Null: not known.
   */
  readonly created: number | null;
  /** The last transaction before this place, as the server writes it; null: it has none, or none was read yet. */
  readonly gtid: string | null;
  /** Alterations before this place that are not all read yet. */
  readonly alterations?: AlterationNotes;
}

const resume = z.object({
  file: z.string(),
  position: z.int().nonnegative(),
  created: z.int().nullable(),
  gtid: z.string().nullable(),
  alterations: alterationNotes.optional(),
});

const FILE_DIGITS = 10;
const POSITION_DIGITS = 20;

/** `mysql-bin.000012` → 12. @throws PenstockError PS2008 */
export function fileNumber(file: string): number {
  const digits = /\.(\d+)$/.exec(file)?.[1];
  if (digits === undefined) throw new PenstockError('PS2008', `the binlog file ${file} has no number`);
  return Number(digits);
}

/** Sorts as a string: the file's number, then the position. */
export function placeOrder(file: string, position: number): string {
  return `${fileNumber(file).toString().padStart(FILE_DIGITS, '0')}/${position.toString().padStart(POSITION_DIGITS, '0')}`;
}

export function positionAt(lineage: string, place: LogPlace): SourcePosition {
  const { file, position, created, gtid, alterations } = place;
  return {
    lineage,
    order: placeOrder(file, position),
    resume: JSON.stringify({ file, position, created, gtid, alterations }),
  };
}

export function placeOf(position: SourcePosition): LogPlace {
  const { alterations, ...place } = resume.parse(JSON.parse(position.resume));
  return alterations === undefined ? place : { ...place, alterations };
}
