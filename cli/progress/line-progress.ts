import type { Progress } from '../../core/operations/operation-context.ts';
import { verifyText, type Now, type ProgressDisplay } from './progress-display.ts';
import {
  copyState,
  copyText,
  followState,
  followText,
  isEnd,
  NOTHING_FOLLOWED,
  type CopyState,
  type CopyUpdate,
} from './progress-state.ts';

const PAUSE_MILLISECONDS = 2000;

/** Plain lines for files and pipes: at most one per table (and one for the log) in two seconds, but every change of state. */
export function lineProgress(write: (line: string) => void, now: Now): ProgressDisplay {
  const copies = new Map<string, CopyState>();
  const written = new Map<string, number>();
  let followed = NOTHING_FOLLOWED;
  let isFollowWaiting = false;

  const isDue = (what: string): boolean =>
    now() - (written.get(what) ?? Number.NEGATIVE_INFINITY) >= PAUSE_MILLISECONDS;

  function copy(update: CopyUpdate): void {
    const before = copies.get(update.table) ?? null;
    const state = copyState(before, update, now());
    copies.set(update.table, state);
    const isNews = before?.latest.state !== update.state && (before === null || isEnd(update));
    if (!isNews && !isDue(update.table)) return;
    written.set(update.table, now());
    write(`${update.table}  ${copyText(state)}`);
  }

  function follow(update: Extract<Progress, { tag: 'extract' | 'load' }>): void {
    followed = followState(followed, update, now());
    isFollowWaiting = true;
    if (isDue('')) writeFollowed();
  }

  function writeFollowed(): void {
    written.set('', now());
    isFollowWaiting = false;
    write(followText(followed, now()));
  }

  return {
    report(update) {
      switch (update.tag) {
        case 'copy':
          copy(update);
          return;
        case 'extract':
        case 'load':
          follow(update);
          return;
        case 'verify':
          write(verifyText(update));
          return;
        case 'note':
          write(update.message);
          return;
      }
    },
    line: write,
    [Symbol.dispose]() {
      if (isFollowWaiting) writeFollowed();
    },
  };
}
