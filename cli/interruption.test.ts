import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { Interrupted, interruption } from './interruption.ts';

function pretend() {
  const events = new EventEmitter();
  const exits: number[] = [];
  const process = {
    on: (event: string, listener: () => void) => events.on(event, listener),
    off: (event: string, listener: () => void) => events.off(event, listener),
    exit: (code: number) => exits.push(code),
  };
  return { events, exits, process };
}

it('stops cleanly at the first signal and at once at the second', () => {
  const { events, exits, process } = pretend();
  const said: string[] = [];
  using interrupted = interruption(process, (line) => said.push(line));
  expect(interrupted.signal.aborted).toBe(false);
  events.emit('SIGTERM');
  expect(interrupted.signal.reason).toBeInstanceOf(Interrupted);
  expect([exits, said]).toEqual([[], ['stopping cleanly; once more ends at once']]);
  events.emit('SIGINT');
  expect(exits).toEqual([1]);
  expect(said[1]).toContain('ended at once');
});

it('listens no longer than it is used', () => {
  const { events, process } = pretend();
  {
    using interrupted = interruption(process, () => undefined);
    expect(interrupted.signal.aborted).toBe(false);
    expect(events.listenerCount('SIGINT')).toBe(1);
  }
  expect(events.listenerCount('SIGINT') + events.listenerCount('SIGTERM')).toBe(0);
});
