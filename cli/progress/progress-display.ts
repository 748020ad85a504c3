import type { Progress } from '../../core/operations/operation-context.ts';

/** Shows what an operation does while it does it; on stderr, so that stdout is the result's alone. */
export interface ProgressDisplay extends Disposable {
  report(update: Progress): void;
  /** A line between the others. */
  line(text: string): void;
}

/** Milliseconds that never run backwards. */
export type Now = () => number;

export function verifyText({ table, rows, equal }: Extract<Progress, { tag: 'verify' }>): string {
  return `${table}  ${equal ? `equal  ${rows.toLocaleString('en-US')} rows` : 'not equal, or not comparable'}`;
}
