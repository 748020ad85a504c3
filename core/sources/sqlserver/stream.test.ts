import { expect, it } from 'vitest';
import { catalogOf, selectionOf } from '../../../test/fixtures/sqlserver-scripted/catalog.ts';
import { ScriptedSession, type Script } from '../../../test/fixtures/sqlserver-scripted/session.ts';
import type { Row } from './server/session.ts';
import type { Statement } from './statements/statement.ts';
import { capturedPosition } from './place.ts';
import { sqlserverSettings } from './settings.ts';
import { openCapture } from './stream.ts';

const LSN = '0000002B000001280003';
const DATABASE: Row = ['shop', 'G', 'F', '16.0.1', 'Developer', 'ON', '0', null, null, '1', '0', '1', 'reader'];
const SCRIPT: Script = {
  ...catalogOf('t', [{ name: 'id', key: 1 }]),
  database: () => [DATABASE],
  now: () => [['2026-11-21T09:00:00.1234567']],
  logEnd: () => [[LSN, '2026-11-21T09:00:00.1234567', '0']],
  capturedFrom: () => [[LSN]],
  capturedUpTo: () => [[LSN, '2026-11-21T09:00:00.123']],
  captureInstances: () => [['dbo', 't', 'dbo_t', '77', '88', LSN, LSN, '1']],
};

/** A server that never answers one kind of statement, until the session is destroyed. */
class SilentSession extends ScriptedSession {
  readonly #silent: Statement['tag'] | null;
  #end: (error: Error) => void = () => undefined;

  constructor(silent: Statement['tag'] | null) {
    super(SCRIPT);
    this.#silent = silent;
  }

  override async *read(statement: Statement): AsyncIterable<readonly Row[]> {
    if (statement.tag === this.#silent) {
      await new Promise((_, reject) => {
        this.#end = reject;
      });
    }
    yield* super.read(statement);
  }

  override destroy(): void {
    super.destroy();
    this.#end(Object.assign(new Error('connection is closed'), { code: 'ECLOSE' }));
  }
}

async function opened(signal: AbortSignal, silent: Statement['tag'] | null = null) {
  const sessions: ScriptedSession[] = [];
  const stream = await openCapture(
    {
      access: {
        settings: sqlserverSettings.parse({ host: 'h', database: 'shop', user: 'reader', extractType: 'cdc' }),
        open: () => {
          // The first session makes sure of the position.
          const session = sessions.length === 0 ? new ScriptedSession(SCRIPT) : new SilentSession(silent);
          sessions.push(session);
          return Promise.resolve(session);
        },
      },
      clock: {
        now: () => 0,
        timestamp: () => '2026-11-21T09:00:00.000000Z',
        sleep: (_, asleep) =>
          new Promise((_resolve, reject) => {
            const wake = () => {
              reject(asleep.reason as Error);
            };
            if (asleep.aborted) wake();
            asleep.addEventListener('abort', wake);
          }),
      },
      progress: { readAt: null },
    },
    capturedPosition('sqlserver/g/f/shop', { lsn: LSN }),
    [selectionOf('t')],
    signal,
  );
  return { stream, sessions, events: stream[Symbol.asyncIterator]() };
}

it('an abort ends a stream that waits for the next look, with the reason', async () => {
  const controller = new AbortController();
  const { stream, sessions, events } = await opened(controller.signal);
  expect((await events.next()).value).toMatchObject([{ tag: 'heartbeat' }]);
  const next = events.next();
  controller.abort(new Error('enough'));
  await expect(next).rejects.toThrow('enough');
  await stream[Symbol.asyncDispose]();
  expect(sessions.every(({ isBroken }) => isBroken)).toBe(true);
});

it('an abort ends a stream whose server does not answer, with the reason', async () => {
  const controller = new AbortController();
  const { sessions, events } = await opened(controller.signal, 'capturedUpTo');
  const next = events.next();
  // The statement is on its way before the abort comes.
  await Promise.resolve();
  controller.abort(new Error('enough'));
  await expect(next).rejects.toThrow('enough');
  expect(sessions.at(-1)?.isBroken).toBe(true);
});

it('a stream that is opened after the abort has no session', async () => {
  const failed = opened(AbortSignal.abort(new Error('enough')));
  await expect(failed).rejects.toThrow('enough');
});

it.each(['capturedUpTo', null] as const)(
  'its disposal ends what waits (silent: %s), and may be repeated',
  async (silent) => {
    const { stream, sessions, events } = await opened(new AbortController().signal, silent);
    if (silent === null) await events.next();
    const next = events.next();
    const ended = next.then(
      () => 'went on',
      () => 'ended',
    );
    await stream[Symbol.asyncDispose]();
    await stream[Symbol.asyncDispose]();
    expect(await ended).toBe('ended');
    expect(sessions.at(-1)?.isBroken).toBe(true);
  },
);

it('nothing is acknowledged to a server that keeps changes by time', async () => {
  await using stream = (await opened(new AbortController().signal)).stream;
  expect(() => {
    stream.acknowledge(capturedPosition('sqlserver/g/f/shop', { lsn: LSN }));
  }).not.toThrow();
});
