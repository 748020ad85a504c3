import { PenstockError } from '../../../errors/penstock-error.ts';
import type { EventHeader } from './event-header.ts';
import type { Rotation } from './events.ts';
import { requireSameFile } from '../server/same-log.ts';

const LOW = 2 ** 32;
/** Events have up to 1 GB, and few are left out between two that are sent. */
const FURTHEST = 2 ** 31;

/** Where in the log the reader stands. Positions in events have 32 bits; files of larger transactions go beyond. */
export class LogCursor {
  file: string;
  /** Behind the last event that stands in the file. */
  position: number;
  /** When the file was begun, seconds since 1970; null until its format description came. */
  created: number | null = null;

  constructor(file: string, position: number) {
    this.file = file;
    this.position = position;
  }

  /** Moves behind an event. @returns where it begins */
  advance(header: EventHeader): number {
    if (header.nextPosition === 0 || header.isArtificial) return this.position;
    const high = Math.floor(this.position / LOW) * LOW;
    let next = high + header.nextPosition;
    if (next < this.position) next += LOW;
    if (next - this.position > FURTHEST) {
      throw new PenstockError('PS2008', `${this.file}:${this.position} is followed by position ${header.nextPosition}`);
    }
    this.position = next;
    return next - header.length;
  }

  /** The log goes on elsewhere, or the server says once more where it is. */
  rotate({ file, position }: Rotation): void {
    if (file !== this.file) this.created = null;
    this.file = file;
    this.position = position;
  }

  /** The file's format description was read. `expected`: what it said when the position was made; null: not known. @throws PenstockError PS2001 */
  identify(created: number, expected: number | null): void {
    if (expected !== null) requireSameFile(this.file, expected, created);
    this.created = created;
  }
}
