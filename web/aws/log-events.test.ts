import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { functionLogger, hostLog } from '../../functions/frame/function-log.ts';
import { idOf, lineOfLogEvent, momentOfId } from './log-events.ts';

const AT = Date.parse('2026-11-21T10:00:00.123Z');
const lineOf = (message: string) => lineOfLogEvent({ timestamp: AT, eventId: '42', message });

/** What Powertools really writes. */
function writtenByFunction(name: string, write: (log: ReturnType<typeof hostLog>) => void): string {
  const lines: string[] = [];
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
    lines.push(String(line));
    return true;
  });
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((line) => {
    lines.push(String(line));
    return true;
  });
  try {
    write(hostLog(functionLogger(name)));
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
  return lines.join('');
}

describe('a line of the log group', () => {
  it('of a function has its words, its kind and its code', () => {
    const written = writtenByFunction('load', (log) => {
      log.error('it went wrong', { code: 'PS4002', remedy: 'mend it', stack: 'at x' });
    });
    expect(lineOf(written)).toEqual({
      ...{ id: '01795255200123-42', at: '2026-11-21T10:00:00.123Z', level: 'error', kind: 'destination' },
      message: 'it went wrong',
      fields: { code: 'PS4002', remedy: 'mend it', function: 'load' },
    });
    const checked = writtenByFunction('check-source', (log) => {
      log.warn('slow');
    });
    expect(lineOf(checked)).toMatchObject({ level: 'warn', kind: 'source', message: 'slow' });
  });

  it("of the reader's log is the source's, unless its code says otherwise", () => {
    const lines: string[] = [];
    const logger = pino(
      { timestamp: pino.stdTimeFunctions.isoTime, base: null },
      { write: (line) => lines.push(line) },
    );
    logger.warn({ reason: 'gone' }, 'trying again');
    logger.error({ code: 'PS4001' }, 'no destination');
    expect(lines.map(lineOf)).toMatchObject([
      { level: 'warn', kind: 'source', message: 'trying again', fields: { reason: 'gone' } },
      { level: 'error', kind: 'destination', message: 'no destination' },
    ]);
  });

  it('of an event is said in words; what is said every minute is left out', () => {
    const event = {
      type: 'TableStopped',
      pipeline: 'p',
      generated: 'x',
      table: 'a.b',
      errorCode: 'PS4008',
      message: 'm',
    };
    expect(lineOf(JSON.stringify(event))).toMatchObject({
      ...{ level: 'error', kind: 'destination', message: 'table stopped' },
      fields: { table: 'a.b', errorCode: 'PS4008', message: 'm' },
    });
    expect(lineOf(JSON.stringify({ type: 'Status', pipeline: 'p', role: 'reader' }))).toBeNull();
  });

  it.each([
    JSON.stringify({ time: 'x', type: 'platform.report', record: {} }),
    JSON.stringify({ _aws: { Timestamp: 1 }, ColdStart: 1, level: 'INFO' }),
    'REPORT RequestId: 1 Duration: 2 ms',
    '',
  ])('is none where it says nothing to people: %s', (message) => {
    expect(lineOf(message)).toBeNull();
  });

  it('of a process that dies is what it said last', () => {
    expect(lineOf('Fatal error: heap out of memory\n at x')).toMatchObject({
      ...{ level: 'error', kind: 'others', message: 'Fatal error: heap out of memory' },
    });
  });

  it('has an id that sorts by time and tells its moment', () => {
    expect([idOf(999, '2'), idOf(10_000, '1')].toSorted()).toEqual([idOf(999, '2'), idOf(10_000, '1')]);
    expect(momentOfId(idOf(AT, '7'))).toBe(AT);
    expect(momentOfId('nonsense')).toBeNull();
  });
});
