import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Progress } from '../../core/operations/operation-context.ts';
import { barProgress, barText } from './bar-progress.ts';
import { lineProgress } from './line-progress.ts';
import type { CopyUpdate } from './progress-state.ts';

function copyOf(table: string, state: CopyUpdate['state'], rows: number): CopyUpdate {
  return { tag: 'copy', table, state, rows, estimatedRows: 100_000, bytes: rows * 100 };
}

function loadOf(extract: number, rows: number): Progress {
  return { tag: 'load', extract, rows, lagMilliseconds: 420 };
}

/** Lines with a clock that the test moves. */
function linesWith(use: (report: (at: number, update: Progress) => void) => void): string[] {
  const lines: string[] = [];
  let time = 0;
  const display = lineProgress(
    (line) => lines.push(line),
    () => time,
  );
  use((at, update) => {
    time = at;
    display.report(update);
  });
  display[Symbol.dispose]();
  return lines;
}

describe('lines', () => {
  it('are at most one per table in two seconds, but show every beginning and end', () => {
    const lines = linesWith((report) => {
      report(0, copyOf('a', 'copying', 0));
      report(10, copyOf('b', 'copying', 0));
      for (let time = 100; time < 2000; time += 100) report(time, copyOf('a', 'copying', time * 10));
      report(2000, copyOf('a', 'copying', 20_000));
      report(2500, copyOf('a', 'finishing', 90_000));
      report(2600, copyOf('a', 'done', 90_000));
      report(2700, copyOf('b', 'failed', 5));
    });
    expect(lines).toEqual([
      'a  copying    0 of ~100,000 rows  0 bytes',
      'b  copying    0 of ~100,000 rows  0 bytes',
      'a  copying    20,000 of ~100,000 rows  2.0 MB  10,000 rows/s  ETA 8.0 s',
      'a  done       90,000 rows  9.0 MB  34,615 rows/s',
      'b  failed     5 of ~100,000 rows  500 bytes  2 rows/s',
    ]);
  });

  it('give the speed of this run where an earlier one had begun', () => {
    const lines = linesWith((report) => {
      report(0, copyOf('a', 'copying', 50_000));
      report(2000, copyOf('a', 'copying', 60_000));
    });
    expect(lines[1]).toContain('  5,000 rows/s  ETA 8.0 s');
  });

  it('show the log that is followed: extracts, loads, speed and lag', () => {
    const lines = linesWith((report) => {
      const sourceDate = '2026-11-21T09:00:00.000000Z';
      report(0, { tag: 'extract', extract: 1, rows: 10, bytes: 100, sourceDate, lagMilliseconds: 50 });
      for (let extract = 1; extract <= 4; extract++) report(extract * 1000, loadOf(extract, 1000));
    });
    expect(lines).toEqual([
      'extract 1, loaded -  0 changes  lag 50 ms',
      'extract 1, loaded 2  2,000 changes  1,000 changes/s  lag 420 ms',
      'extract 1, loaded 4  4,000 changes  1,000 changes/s  lag 420 ms',
    ]);
  });

  it('end with the last state of the log', () => {
    const lines = linesWith((report) => {
      report(0, loadOf(1, 10));
      report(500, loadOf(2, 10));
    });
    expect(lines.at(-1)).toBe('extract -, loaded 2  20 changes  lag 420 ms');
  });
});

describe('bars', () => {
  it('are as long as what is done', () => {
    expect(barText(0)).toBe('░'.repeat(20) + '   0 %');
    expect(barText(0.5)).toBe('█'.repeat(10) + '░'.repeat(10) + '  50 %');
    expect(barText(1)).toBe('█'.repeat(20) + ' 100 %');
    expect(barText(null)).toBe('·'.repeat(20) + '      ');
  });

  it('leave every line that was said, and every table that ended', () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 120, rows: 40 });
    const display = barProgress(terminal, () => 0);
    display.line('before the first bar');
    for (let table = 0; table < 15; table++) display.report(copyOf(`table${table}`, 'copying', 0));
    display.line('between the bars');
    for (let table = 0; table < 15; table++) display.report(copyOf(`table${table}`, 'done', 5));
    display.report(loadOf(1, 10));
    display.report({ tag: 'note', message: 'the last word' });
    display[Symbol.dispose]();
    const shown = String(terminal.read());
    for (const text of [
      'before the first bar',
      'between the bars',
      'the last word',
      'loaded 1',
      'table0 ',
      'table14 ',
    ]) {
      expect(shown).toContain(text);
    }
  });
});
