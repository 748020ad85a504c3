import { expect, it } from 'vitest';
import type { PenstockEvent } from '../../events/event.ts';
import type { LogHealth } from '../../sources/source-connector.ts';
import type { OperationContext } from '../operation-context.ts';
import { watchLog } from './watch-log.ts';

const NOW = Date.parse('2026-11-21T09:00:00Z');

/** The events of one look at a log in this health; the second look ends the watch. */
async function eventsAt(health: LogHealth | Error): Promise<{ events: PenstockEvent[]; warnings: string[] }> {
  const ended = new AbortController();
  const events: PenstockEvent[] = [];
  const warnings: string[] = [];
  const context = {
    settings: { pipeline: 'billing' },
    source: { logHealth: () => (health instanceof Error ? Promise.reject(health) : Promise.resolve(health)) },
    host: {
      clock: {
        now: () => NOW,
        timestamp: () => '2026-11-21T09:00:00.000000Z',
        sleep: () => {
          ended.abort();
          return Promise.resolve();
        },
      },
      events: { emit: (event: PenstockEvent) => events.push(event) },
      log: { warn: (message: string) => warnings.push(message) },
    },
  };
  await watchLog(context as unknown as OperationContext, ended.signal);
  return { events, warnings };
}

const FINE: LogHealth = { retainedBytes: 1e6, headroomBytes: null, expiresAt: null };

it('says nothing of a log that is fine, or that nobody can measure', async () => {
  expect(await eventsAt(FINE)).toEqual({ events: [], warnings: [] });
  expect(await eventsAt({ ...FINE, retainedBytes: null, headroomBytes: 1 })).toEqual({ events: [], warnings: [] });
});

it('reports a log that grows, or has little room', async () => {
  const { events } = await eventsAt({ ...FINE, retainedBytes: 20e9 });
  expect(events).toMatchObject([{ type: 'LogGrowing', retainedBytes: 20e9 }]);
  expect((await eventsAt({ ...FINE, headroomBytes: 1e6 })).events).toMatchObject([{ type: 'LogGrowing' }]);
});

it('reports a log that runs out within half a day, and not before', async () => {
  const expiresAt = '2026-11-21T20:59:00.000000Z';
  expect((await eventsAt({ ...FINE, expiresAt })).events).toMatchObject([{ type: 'LogExpiring', expiresAt }]);
  expect((await eventsAt({ ...FINE, expiresAt: '2026-11-21T21:01:00.000000Z' })).events).toEqual([]);
});

it('goes on after a look that fails', async () => {
  expect(await eventsAt(new Error('gone'))).toEqual({ events: [], warnings: ['log health not known'] });
});
