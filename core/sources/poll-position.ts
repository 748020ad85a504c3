import type { SourcePosition } from '../changes/position.ts';

const ORDER_DIGITS = 20;

/** A position of a source without a log: its time. What was committed before a poll began has a smaller one than the poll. */
export function timePosition(lineage: string, microseconds: bigint, marks: PollMarks = {}): SourcePosition {
  return { lineage, order: microseconds.toString().padStart(ORDER_DIGITS, '0'), resume: JSON.stringify(marks) };
}

/** By table id: the greatest value of its timestamp column that was read, as the server prints it; null: the table was empty. */
export type PollMarks = Readonly<Record<string, string | null>>;

export function marksOf(position: SourcePosition): PollMarks {
  return JSON.parse(position.resume) as PollMarks;
}
