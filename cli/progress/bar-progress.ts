import type { Progress } from '../../core/operations/operation-context.ts';
import { MultiBar, type SingleBar } from 'cli-progress';
import { verifyText, type Now, type ProgressDisplay } from './progress-display.ts';
import {
  copyFraction,
  copyState,
  copyText,
  followState,
  followText,
  isEnd,
  NOTHING_FOLLOWED,
  type CopyState,
  type CopyUpdate,
} from './progress-state.ts';

const BAR_WIDTH = 20;
const FRAMES_PER_SECOND = 5;
const NAME_WIDTH = 28;

/** More would not fit the terminal; the other tables get a bar as soon as one is done. */
const MOST_BARS = 12;

interface ShownCopy {
  state: CopyState;
  bar: SingleBar | null;
}

/** A bar per table under way and a line for the log, drawn again in place, for terminals; what has ended stays above as a line. */
export function barProgress(stream: NodeJS.WritableStream, now: Now): ProgressDisplay {
  // The text is made here: the library's own estimates know neither resumed copies nor estimates that prove wrong.
  const bars = new MultiBar({
    stream,
    fps: FRAMES_PER_SECOND,
    hideCursor: true,
    gracefulExit: false,
    linewrap: false,
    format: (_options, _params, payload: BarPayload) => payload.text,
  });
  const copies = new Map<string, ShownCopy>();
  let barCount = 0;
  let followed = NOTHING_FOLLOWED;
  let followBar: SingleBar | null = null;

  function line(text: string): void {
    if (bars.isActive) bars.log(`${text}\n`);
    else stream.write(`${text}\n`);
  }

  function copy(update: CopyUpdate): void {
    const shown = copies.get(update.table) ?? { state: null, bar: null };
    const state = copyState(shown.state, update, now());
    const payload: BarPayload = { text: copyLine(state) };
    if (isEnd(update)) {
      copies.delete(update.table);
      line(payload.text);
      if (shown.bar === null) return;
      bars.remove(shown.bar);
      barCount--;
      return;
    }
    if (shown.bar === null && barCount < MOST_BARS) {
      copies.set(update.table, { state, bar: bars.create(1, 0, payload) });
      barCount++;
      return;
    }
    copies.set(update.table, { state, bar: shown.bar });
    shown.bar?.update(payload);
  }

  function follow(update: Extract<Progress, { tag: 'extract' | 'load' }>): void {
    followed = followState(followed, update, now());
    const payload: BarPayload = { text: followText(followed, now()) };
    if (followBar === null) followBar = bars.create(1, 0, payload);
    else followBar.update(payload);
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
          line(verifyText(update));
          return;
        case 'note':
          line(update.message);
          return;
      }
    },
    line,
    [Symbol.dispose]() {
      if (!bars.isActive) return;
      // The library forgets lines that wait for the next frame.
      bars.update();
      bars.stop();
    },
  };
}

interface BarPayload {
  readonly text: string;
}

function copyLine(state: CopyState): string {
  return `${barText(copyFraction(state))} ${nameText(state.latest.table)} ${copyText(state)}`;
}

/** `████████░░░░  40 %`, or a row of dots where nobody knows how much there is. */
export function barText(fraction: number | null): string {
  if (fraction === null) return `${'·'.repeat(BAR_WIDTH)}      `;
  const full = Math.round(fraction * BAR_WIDTH);
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${String(Math.floor(fraction * 100)).padStart(3)} %`;
}

function nameText(name: string): string {
  return name.length > NAME_WIDTH ? `…${name.slice(1 - NAME_WIDTH)}` : name.padEnd(NAME_WIDTH);
}
