import { describe, expect, it } from 'vitest';
import { ReplaceableReaders, SideSession, SnapshotReaders } from './snapshot-readers.ts';

const NEVER = new AbortController().signal;

class PlainSession implements AsyncDisposable {
  isBroken = false;
  isDisposed = false;

  destroy(): void {
    this.isBroken = true;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.isBroken = true;
    this.isDisposed = true;
    return Promise.resolve();
  }
}

/** What a promise is by now: pending, or done. */
async function stateOf(promise: Promise<unknown>): Promise<'pending' | 'done'> {
  const after = new Promise<'pending'>((resolve) => setImmediate(() => resolve('pending')));
  return Promise.race([promise.then(() => 'done' as const), after]);
}

describe('readers of a snapshot', () => {
  const two = () => {
    const sessions = [new PlainSession(), new PlainSession()];
    return { sessions, readers: new SnapshotReaders(sessions) };
  };

  it('a third read waits until one is free, whoever it is', async () => {
    const { readers } = two();
    const [first, second] = [await readers.take(NEVER), await readers.take(NEVER)];
    expect(first).not.toBe(second);
    const third = readers.take(NEVER);
    expect(await stateOf(third)).toBe('pending');
    readers.give(second);
    expect(await third).toBe(second);
  });

  it('goes on with the others when one is lost, also while it was idle; the last one ends all', async () => {
    const { sessions, readers } = two();
    sessions[1]!.destroy();
    const only = await readers.take(NEVER);
    expect(only).toBe(sessions[0]);
    const waiting = [readers.take(NEVER), readers.take(NEVER)];
    expect(await stateOf(Promise.race(waiting))).toBe('pending');
    readers.drop(only);
    for (const one of waiting) await expect(one).rejects.toMatchObject({ code: 'PS2010' });
    await expect(readers.take(NEVER)).rejects.toMatchObject({ code: 'PS2010' });
  });

  it('one that breaks at work and is given back is not used again', async () => {
    const { readers } = two();
    const first = await readers.take(NEVER);
    first.destroy();
    readers.give(first);
    const second = await readers.take(NEVER);
    expect(second).not.toBe(first);
  });

  it('an abort ends the waiting, and takes no reader from others', async () => {
    const { readers } = two();
    const [first] = [await readers.take(NEVER), await readers.take(NEVER)];
    const controller = new AbortController();
    const aborted = readers.take(controller.signal);
    const patient = readers.take(NEVER);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    await expect(readers.take(AbortSignal.abort(reason))).rejects.toBe(reason);
    readers.give(first);
    expect(await patient).toBe(first);
  });

  it('disposal ends those at work and those who wait; what is given back later is ended', async () => {
    const { sessions, readers } = two();
    const [first] = [await readers.take(NEVER), await readers.take(NEVER)];
    const waiting = readers.take(NEVER);
    const refused = expect(waiting).rejects.toMatchObject({ code: 'PS9001' });
    await readers[Symbol.asyncDispose]();
    await refused;
    expect(sessions.map(({ isDisposed }) => isDisposed)).toEqual([true, true]);
    readers.give(first);
    await expect(readers.take(NEVER)).rejects.toMatchObject({ code: 'PS9001' });
    await readers[Symbol.asyncDispose]();
  });
});

describe('a session beside them', () => {
  const side = () => {
    const sessions: PlainSession[] = [];
    const beside = new SideSession(() => {
      sessions.push(new PlainSession());
      return Promise.resolve(sessions.at(-1)!);
    });
    return { sessions, beside };
  };

  it('does one thing at a time, in order, on one session; a failure is its caller’s alone', async () => {
    const { sessions, beside } = side();
    const log: string[] = [];
    const step = (name: string) =>
      beside.run(NEVER, async () => {
        log.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`${name} ends`);
        if (name === 'b') throw new Error('b failed');
      });
    const results = await Promise.allSettled(['a', 'b', 'c'].map(step));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(log).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]));
    expect(sessions).toHaveLength(1);
  });

  it('is opened again when it was lost, or could not be opened', async () => {
    let isThere = false;
    const sessions: PlainSession[] = [];
    const beside = new SideSession(() => {
      if (!isThere) return Promise.reject(new Error('away'));
      sessions.push(new PlainSession());
      return Promise.resolve(sessions.at(-1)!);
    });
    await expect(beside.run(NEVER, () => Promise.resolve())).rejects.toThrow('away');
    isThere = true;
    await beside.run(NEVER, (session) => {
      session.destroy();
      return Promise.resolve();
    });
    await beside.run(NEVER, () => Promise.resolve());
    expect(sessions).toHaveLength(2);
  });

  it('who waits for a turn ends at its abort, and the others keep their order', async () => {
    const { beside } = side();
    const gate = Promise.withResolvers<null>();
    const first = beside.run(NEVER, () => gate.promise);
    const controller = new AbortController();
    const aborted = beside.run(controller.signal, () => Promise.resolve('never'));
    const log: string[] = [];
    const third = beside.run(NEVER, () => Promise.resolve(log.push('third')));
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    expect(log).toEqual([]);
    gate.resolve(null);
    await Promise.all([first, third]);
    expect(log).toEqual(['third']);
  });

  it('disposal ends it, also one that is just being opened', async () => {
    const opened = Promise.withResolvers<PlainSession>();
    const beside = new SideSession(() => opened.promise);
    const looking = expect(beside.run(NEVER, () => Promise.resolve())).rejects.toMatchObject({ code: 'PS9001' });
    await new Promise((resolve) => setImmediate(resolve));
    const disposed = beside[Symbol.asyncDispose]();
    const late = new PlainSession();
    opened.resolve(late);
    await Promise.all([looking, disposed]);
    expect(late.isDisposed).toBe(true);
    await expect(beside.run(NEVER, () => Promise.resolve())).rejects.toMatchObject({ code: 'PS9001' });
  });
});

describe('readers that can be replaced', () => {
  const some = () => {
    const opened: PlainSession[] = [];
    const open = () => {
      const session = new PlainSession();
      opened.push(session);
      return Promise.resolve(session);
    };
    return { opened, readers: new ReplaceableReaders(open) };
  };

  it('opens as many as are in use at once, and uses them again', async () => {
    const { opened, readers } = some();
    const [first] = [await readers.take(NEVER), await readers.take(NEVER)];
    readers.give(first);
    expect(await readers.take(NEVER)).toBe(first);
    expect(opened).toHaveLength(2);
  });

  it('replaces one that was lost, at work or while it was idle', async () => {
    const { opened, readers } = some();
    const [first, second] = [await readers.take(NEVER), await readers.take(NEVER)];
    first.destroy();
    readers.give(first);
    readers.give(second);
    second.destroy();
    expect(await readers.take(NEVER)).toBe(opened[2]);
    expect(opened).toHaveLength(3);
  });

  it('ends one that may still be at work, and all of them when it is closed', async () => {
    const { opened, readers } = some();
    const [first, second] = [await readers.take(NEVER), await readers.take(NEVER), await readers.take(NEVER)];
    readers.drop(first);
    expect(first.isBroken).toBe(true);
    readers.give(second);
    await readers[Symbol.asyncDispose]();
    expect(opened.map(({ isDisposed }) => isDisposed)).toEqual([false, true, true]);
    await expect(readers.take(NEVER)).rejects.toMatchObject({ code: 'PS9001' });
  });

  it('one that is opened while all is closed is ended', async () => {
    const { opened, readers } = some();
    const late = readers.take(NEVER);
    const closed = readers[Symbol.asyncDispose]();
    await expect(late).rejects.toMatchObject({ code: 'PS9001' });
    await closed;
    expect(opened[0]!.isBroken).toBe(true);
  });
});
