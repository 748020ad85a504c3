import type { Progress } from '../../core/operations/operation-context.ts';

/** Shows what an operation does while it does it; on stderr, so that stdout is the result's alone. */
export interface ProgressDisplay extends Disposable {
  report(update: Progress): void;
  /** A line between the others. */
  line(text: string): void;
}

/** Milliseconds that never run backwards. */
export type Now = () => number;

export function verifyText({ table, chunk, rows, equal }: Extract<Progress, { tag: 'verify' }>): string {
  const compared = `${rows.toLocaleString('en-US')} rows in ${chunk.toLocaleString('en-US')} ${chunk === 1 ? 'chunk' : 'chunks'} compared`;
  return `${table}  ${compared}, ${equal ? 'no difference' : 'DIFFERENT'}`;
}
