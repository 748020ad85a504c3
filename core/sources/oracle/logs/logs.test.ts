import { describe, expect, it } from 'vitest';
import { chooseMode } from './choose-mode.ts';
import { dictionaryFor } from './dictionary-logs.ts';
import { inventoryOf, requireWhole } from './inventory.ts';
import { isKept } from './kept-rows.ts';
import { readLogFile, readRedoThread, type LogFile, type RedoThread } from './log-file.ts';
import { logPlaceOf, sequenceOf, type LogPlace } from './log-place.ts';
import { inOrder } from './ordered-readings.ts';
import { nextPass, passRound, type PassLimits } from './passes.ts';
import { remoteLogMiner } from './modes/remote-log-miner.ts';
import { RoundFailures } from './retry.ts';
import { nextWindow, windowRound } from './windows.ts';

/** Each log of a thread has ten SCNs: 57 begins with 570. */
function log(sequence: number, more: Partial<LogFile> = {}): LogFile {
  return {
    ...{ path: `/arch/${more.thread ?? 1}_${sequence}.arc`, thread: 1, sequence, begunAt: sequence * 60_000 },
    ...{ firstScn: BigInt(sequence * 10), nextScn: BigInt(sequence * 10 + 10) },
    ...{ isOnline: false, isCurrent: false, beginsDictionary: false, endsDictionary: false },
    ...more,
  };
}

const online = (sequence: number, more: Partial<LogFile> = {}) =>
  log(sequence, { path: `/redo/${sequence}.log`, isOnline: true, ...more });
const current = (sequence: number, more: Partial<LogFile> = {}) =>
  online(sequence, { isCurrent: true, nextScn: 2n ** 64n - 1n, ...more });

function thread(more: Partial<RedoThread> = {}): RedoThread {
  return { number: 1, isOpen: true, isPrivate: false, enableScn: 1n, checkpointScn: 0n, lastRedoScn: 1000n, ...more };
}

function at(sequence: number, more: Partial<LogPlace> = {}): LogPlace {
  return {
    scn: BigInt(sequence * 10),
    sequences: new Map([[1, sequence]]),
    holds: null,
    floor: null,
    readThrough: null,
    ...more,
  };
}

const LIMITS: PassLimits = { count: 2, minutes: null, offsetMinutes: 0, lookAhead: 1 };
const sequences = (logs: readonly LogFile[] | undefined) => logs?.map(({ sequence }) => sequence);

describe('the inventory', () => {
  it('reads what the server lists', () => {
    const row = [
      '/arch/1_58.arc',
      '1',
      '58',
      '580',
      '590',
      '2026-11-22 01:00:00',
      'ARCHIVED',
      null,
      'YES',
      'NO',
      '512',
    ];
    const begunAt = Date.UTC(2026, 10, 22, 1);
    expect(readLogFile(row)).toEqual(log(58, { begunAt, beginsDictionary: true }));
    expect(readRedoThread(['2', 'CLOSED', 'PRIVATE', '9', '5', '77', '78'])).toEqual(
      thread({ number: 2, isOpen: false, isPrivate: true, enableScn: 5n, checkpointScn: 77n, lastRedoScn: 78n }),
    );
  });

  it('takes the archived one of two, and goes on to the one that is written', () => {
    const files = [current(60), online(59), online(58), log(58), log(57), log(59, { thread: 2 })];
    const [logs] = inventoryOf(files, [thread()], at(57));
    expect(sequences(logs?.logs)).toEqual([57, 58, 59, 60]);
    expect(logs?.logs.map(({ isOnline }) => isOnline)).toEqual([false, false, true, true]);
    expect(logs?.missing).toBeNull();
  });

  it('tells a log that is missing, at the beginning and in the middle', () => {
    const [middle] = inventoryOf([current(60), log(58), log(57)], [thread()], at(57));
    expect([sequences(middle?.logs), middle?.missing]).toEqual([[57, 58], 59]);
    const beginning = inventoryOf([current(60), log(59)], [thread()], at(57));
    expect(beginning[0]?.missing).toBe(58);
    expect(() => requireWhole(beginning)).toThrow(/redo log 58 of thread 1 is neither online nor archived/);
    const byScn = inventoryOf([current(60), log(59)], [thread()], at(57, { sequences: new Map() }));
    expect(byScn[0]?.missing).toBe(58);
  });

  it('begins with the log that holds an SCN, or with the first of a thread that was made later', () => {
    const files = [current(60), log(59), log(58), current(4, { thread: 2, firstScn: 595n })];
    const second = thread({ number: 2, enableScn: 595n });
    const place: LogPlace = { scn: 585n, sequences: new Map(), holds: null, floor: null, readThrough: null };
    const found = inventoryOf(files, [thread(), second], place);
    expect(found.map(({ logs, missing }) => [sequences(logs), missing])).toEqual([
      [[58, 59, 60], null],
      [[4], null],
    ]);
    const lost = inventoryOf(files, [thread({ ...second, enableScn: 100n })], place);
    expect(lost[0]?.missing).toBe(3);
  });

  it('begins with the log that holds an SCN, where that is earlier than an address', () => {
    const files = [current(60), log(59), log(58)];
    const start = (holds: bigint | null) =>
      sequences(inventoryOf(files, [thread()], at(60, { scn: 585n, holds }))[0]?.logs);
    expect([start(null), start(585n), start(700n)]).toEqual([[60], [58, 59, 60], [60]]);
  });

  it('needs no log that ends before the place, though it is the one of its address', () => {
    const [logs] = inventoryOf([current(60), log(59)], [thread()], at(58, { scn: 590n }));
    expect([sequences(logs?.logs), logs?.missing]).toEqual([[59, 60], null]);
  });

  it('waits for a log that is still to come', () => {
    const [logs] = inventoryOf([current(60)], [thread()], at(61));
    expect([logs?.logs, logs?.missing]).toEqual([[], null]);
  });

  it('leaves private threads out, and closed ones of which all was read', () => {
    const files = [current(60), current(60, { thread: 2 }), current(60, { thread: 3 })];
    const closed = thread({ number: 2, isOpen: false, checkpointScn: 605n });
    const threads = [thread(), closed, thread({ number: 3, isPrivate: true })];
    const place: LogPlace = { scn: 600n, sequences: new Map(), holds: null, floor: null, readThrough: null };
    const numbers = (from: LogPlace) => inventoryOf(files, threads, from).map((logs) => logs.thread.number);
    expect(numbers(place)).toEqual([1, 2]);
    expect(numbers({ ...place, scn: 606n })).toEqual([1]);
    expect(numbers({ ...place, scn: 604n, readThrough: 605n })).toEqual([1]);
  });
});

describe('passes over archived logs', () => {
  const files = [current(62), online(61), log(61), log(60), log(59), log(58), log(57)];
  const pass = (limits: Partial<PassLimits>, now = 62 * 60_000) => {
    const [first] = nextPass(inventoryOf(files, [thread()], at(57)), at(57), { ...LIMITS, ...limits }, now);
    return [sequences(first?.logs), sequences(first?.lookAhead)];
  };

  it('take so many logs, and open further ones', () => {
    expect(pass({})).toEqual([[57, 58], [59]]);
    expect(pass({ count: 9, lookAhead: 3 })).toEqual([[57, 58, 59, 60, 61], []]);
    expect(pass({ lookAhead: 0 })).toEqual([[57, 58], []]);
  });

  it('take so many minutes, and stay so many behind', () => {
    expect(pass({ count: 9, minutes: 2 })).toEqual([[57, 58], [59]]);
    expect(pass({ count: 9, minutes: 1 })).toEqual([[57], [58]]);
    // 59 ended with the beginning of 60.
    expect(pass({ count: 9, offsetMinutes: 2 })).toEqual([[57, 58, 59], []]);
    expect(pass({ offsetMinutes: 60 })).toEqual([undefined, undefined]);
  });

  it('go no further than all threads have archived, but for the rest of a log', () => {
    const second = [log(57, { thread: 2 }), current(58, { thread: 2 })];
    const threads = [thread(), thread({ number: 2 })];
    const place: LogPlace = { scn: 570n, sequences: new Map(), holds: null, floor: null, readThrough: null };
    const passes = nextPass(inventoryOf([...files, ...second], threads, place), place, { ...LIMITS, count: 9 }, 0);
    expect(passes.map(({ logs }) => sequences(logs))).toEqual([[57], [57]]);
    const ahead: LogPlace = {
      ...place,
      scn: 579n,
      sequences: new Map([
        [1, 58],
        [2, 58],
      ]),
    };
    expect(nextPass(inventoryOf([...files, ...second], threads, ahead), ahead, LIMITS, 0)).toEqual([]);
  });
});

it('a round of passes never goes back behind its place, whose log is the current one of a thread', () => {
  const place: LogPlace = { scn: 585n, sequences: new Map(), holds: null, floor: null, readThrough: null };
  const files = [log(58), current(59), current(4, { thread: 2, firstScn: 582n })];
  const threads = [thread(), thread({ number: 2 })];
  const inventory = inventoryOf(files, threads, place);
  const { next } = passRound(inventory, place, nextPass(inventory, place, LIMITS, 0));
  expect(next).toMatchObject({ scn: 585n, readThrough: null, sequences: new Map([[1, 59]]) });
  expect(inventoryOf(files, threads, next).map(({ missing }) => missing)).toEqual([null, null]);
});

const READING = { logs: [], isContinuous: true, isBounded: true };

describe('windows over all logs', () => {
  const files = [current(60), log(59), log(58), log(57)];
  const windowOf = (place: LogPlace, count = 9, last = 605n) =>
    nextWindow(inventoryOf(files, [thread({ lastRedoScn: last })], place), place, count);

  it('end before what was written last, and begin where what surfaces late may stand', () => {
    expect(windowOf(at(58))).toMatchObject({ from: 580n, upTo: 604n, isBehind: false });
    expect(windowOf(at(60, { floor: 602n, readThrough: 603n }))).toMatchObject({ from: 602n, upTo: 604n });
    expect(windowOf(at(60, { floor: 300n, readThrough: 603n }))).toMatchObject({ from: 600n, upTo: 604n });
    expect(sequences(windowOf(at(58))?.logs)).toEqual([58, 59, 60]);
  });

  it('are none where nothing was written', () => {
    expect(windowOf(at(60, { floor: 604n, readThrough: 604n }))).toBeNull();
  });

  it('are cut where much is to be read', () => {
    expect(windowOf(at(57), 2)).toMatchObject({ from: 570n, upTo: 589n, isBehind: true });
  });

  it('reach as far as was read before a restart, where they end at an SCN', () => {
    const inventory = inventoryOf(files, [thread({ lastRedoScn: 605n })], at(57));
    const upTo = (reaches: bigint | 'written', isBounded: boolean) =>
      nextWindow(inventory, { ...at(57), reaches }, 2, isBounded)?.upTo;
    expect(upTo(580n, true)).toBe(589n);
    expect(upTo(601n, true)).toBe(601n);
    expect(upTo('written', true)).toBe(604n);
    expect(upTo(601n, false)).toBe(589n);
    expect(upTo(605n, true), 'not yet').toBeUndefined();
    const place = (...through: (string | null)[]) =>
      logPlaceOf({
        scn: '570',
        threads: { 1: through.map((scn) => ({ rsId: '0x000039.00000002.0010', through: scn })) },
      });
    expect([place('580', '590').reaches, place('580', null).reaches]).toEqual([590n, 'written']);
    expect(place()).not.toHaveProperty('reaches');
  });

  it('leave the next one to begin with the oldest work that was open when they were planned', () => {
    const inventory = inventoryOf(files, [thread({ lastRedoScn: 605n })], at(58));
    const window = nextWindow(inventory, at(58), 9);
    const next = (scn: bigint, oldestStart: bigint | null) =>
      window === null ? null : windowRound(inventory, at(58), window, { scn, oldestStart }, READING).next;
    expect(next(604n, null)).toEqual({
      scn: 604n,
      holds: null,
      sequences: new Map([[1, 60]]),
      floor: 604n,
      unsettled: [],
      readThrough: 604n,
    });
    expect(next(603n, null)?.floor).toBe(603n);
    expect(next(603n, 300n)?.floor).toBe(300n);
  });

  it('do not take for written what ended while its redo was in memory', () => {
    const nextOf = (last: bigint, before: Partial<LogPlace>, scn: bigint, oldestStart: bigint | null) => {
      const place = at(58, before);
      const inventory = inventoryOf(files, [thread({ lastRedoScn: last })], place);
      const window = nextWindow(inventory, place, 9);
      if (window === null) throw new Error('there is something to be read');
      return windowRound(inventory, place, window, { scn, oldestStart }, READING).next;
    };
    const open = nextOf(605n, { floor: 500n, readThrough: 600n }, 604n, 590n);
    expect(open).toMatchObject({ floor: 590n, unsettled: [] });
    // What began at 590 has ended at 612, and of that nothing is written yet.
    const ended = nextOf(610n, open, 613n, null);
    expect(ended).toMatchObject({ floor: 590n, unsettled: [{ scn: 613n, oldestStart: null }] });
    const later = nextOf(614n, ended, 620n, null);
    expect(later).toMatchObject({ floor: 613n, unsettled: [{ scn: 620n, oldestStart: null }] });
  });

  it('wait for the slowest open thread', () => {
    const threads = [thread(), thread({ number: 2, lastRedoScn: 602n })];
    const place: LogPlace = { scn: 600n, sequences: new Map(), holds: null, floor: null, readThrough: null };
    const all = inventoryOf([...files, current(9, { thread: 2, firstScn: 500n })], threads, place);
    expect(nextWindow(all, place, 9)).toMatchObject({ from: 500n, upTo: 601n });
  });
});

describe('the dictionary of remote mining', () => {
  const files = [
    ...[log(55, { beginsDictionary: true }), log(56, { endsDictionary: true }), log(57), log(58)],
    ...[log(59, { beginsDictionary: true, endsDictionary: true }), log(60), current(61)],
  ];

  it('is the latest from before, with all logs behind it', () => {
    expect(sequences(dictionaryFor(files, 580n))).toEqual([55, 56, 57, 58]);
    expect(sequences(dictionaryFor(files, 600n))).toEqual([59, 60]);
  });

  it('has to be there, whole', () => {
    expect(() => dictionaryFor(files, 550n)).toThrow(/no archived log from before SCN 550 holds a dictionary/);
    const gap = files.filter(({ sequence }) => sequence !== 57);
    expect(() => dictionaryFor(gap, 580n)).toThrow(/archived log 57 of thread 1 is gone/);
  });

  it('is opened under the names that the mining database knows', () => {
    const mode = remoteLogMiner([
      { from: '/arch/', to: '/mnt/source/' },
      { from: '/', to: '/never/' },
    ]);
    const input = { files, place: at(60), limits: { ...LIMITS, count: 1 }, now: 0, work: null };
    const plan = mode.plan({ ...input, inventory: inventoryOf(files, [thread()], at(60)) });
    expect(plan?.readings[0]).toMatchObject({
      logs: [
        { path: '/mnt/source/1_59.arc', thread: 1, sequence: 59 },
        { path: '/mnt/source/1_60.arc', thread: 1, sequence: 60 },
      ],
      from: '600',
      dictionary: 'redo',
    });
  });
});

describe('places and rows', () => {
  it('are told by the beginning of an RS_ID', () => {
    expect(sequenceOf(' 0x00003a.0000012f.0010 ')).toBe(58);
    expect(sequenceOf('0x000000.00000000.0000')).toBeNull();
    const place = (...parts: readonly (readonly [string, string | null])[]) => {
      const addresses = parts.map(([sequence, through]) => ({ rsId: `0x0000${sequence}.0000012f.0010`, through }));
      const { sequences: of, holds } = logPlaceOf({ scn: '5', threads: { '2': addresses } });
      return [...of, holds];
    };
    expect(place(['3a', null])).toEqual([[2, 58], null]);
    // What was left out because of its SCN may stand before the address.
    expect(place(['3b', '7'], ['3a', null])).toEqual([[2, 58], 5n]);
  });

  it('are kept of the logs that are asked for, those without an address by SCN', () => {
    const keeps = new Map([[1, { from: 58, upTo: 59, fromScn: 580n, nextScn: 600n }]]);
    const kept = (rsId: string, scn: string, of = 1) => isKept({ thread: of, rsId, scn }, keeps);
    expect(kept('0x00003a.0000012f.0010', '1')).toBe(true);
    expect(kept('0x00003c.0000012f.0010', '590')).toBe(false);
    expect(kept('0x00003a.0000012f.0010', '590', 2)).toBe(false);
    expect([kept('0x000000.00000000.0000', '580'), kept('0x000000.00000000.0000', '600')]).toEqual([true, false]);
  });
});

describe('a round that failed is tried again', () => {
  const tries = (number: number | null, failures = new RoundFailures()): number => {
    let count = 0;
    while (failures.isTriedAgain(number)) count++;
    return count;
  };

  it('where that may pass, so many times', () => {
    expect([310, 1291, 1284, 942, null].map((number) => tries(number))).toEqual([20, 3, 3, 0, 0]);
  });

  it('however often it failed for something else, or before a round that did not', () => {
    const failures = new RoundFailures();
    for (let times = 0; times < 5; times++) failures.isTriedAgain(310);
    expect(tries(1291, failures)).toBe(3);
    failures.forget();
    expect(tries(1291, failures)).toBe(3);
  });
});

describe('modes', () => {
  const server = { release: 19, isInPluggable: false, logPaths: [] };

  it('are chosen by extract type, release and where the session is', () => {
    expect(chooseMode('logMiner', server).name).toBe('logMiner');
    expect(chooseMode('fastLogMiner', server).name).toBe('fastLogMiner');
    expect(chooseMode('remoteLogMiner', server).name).toBe('remoteLogMiner');
    expect(chooseMode('continuousLogMiner', server).name).toBe('onlineLogs');
    expect(chooseMode('continuousLogMiner', { ...server, release: 18 }).name).toBe('continuousMine');
    expect(chooseMode('continuousLogMiner', { ...server, isInPluggable: true }).name).toBe('inPluggable');
    expect(() => chooseMode('logMiner', { ...server, isInPluggable: true })).toThrow(/only the root can/);
    expect(() => chooseMode('continuousLogMiner', { ...server, release: 18, isInPluggable: true })).toThrow(
      /ORA-65040/,
    );
  });
});

describe('readings at once', () => {
  async function* numbers(of: number, until: () => Promise<void>): AsyncGenerator<string> {
    for (let number = 0; number < 30; number++) {
      await until();
      yield `${of}.${number}`;
    }
  }

  it('are given one after the other, however fast each is, and none runs far ahead', async () => {
    const begun: number[] = [];
    let ahead = 0;
    const read = (_: string, of: number) => {
      begun.push(of);
      return numbers(of, async () => {
        if (of > 0) ahead++;
        for (let wait = of % 3; wait > 0; wait--) await Promise.resolve();
      });
    };
    const given: string[] = [];
    for await (const chunk of inOrder(['a', 'b', 'c'], [0, 1, 2, 3, 4], read, () => undefined)) {
      if (given.length === 0) expect(ahead).toBeLessThan(25);
      given.push(chunk);
    }
    expect(begun).toEqual([0, 1, 2, 3, 4]);
    const all = [0, 1, 2, 3, 4].flatMap((of) => Array.from({ length: 30 }, (_, number) => `${of}.${number}`));
    expect(given).toEqual(all);
  });

  it('end with the first failure in their order, and cut the others off', async () => {
    const cut: string[] = [];
    const release: (() => void)[] = [];
    const read = (_: string, of: number) =>
      numbers(of, async () => {
        if (of === 0) await Promise.resolve();
        if (of === 1) throw new Error('the second failed');
        // A server that is long in answering.
        if (of === 2) await new Promise<void>((resolve) => release.push(resolve));
      });
    const given: string[] = [];
    const all = async () => {
      const cutOff = (worker: string) => {
        cut.push(worker);
        for (const go of release.splice(0)) go();
      };
      for await (const chunk of inOrder(['a', 'b', 'c'], [0, 1, 2], read, cutOff)) given.push(chunk);
    };
    await expect(all()).rejects.toThrow('the second failed');
    expect(given.length).toBe(30);
    expect(cut).toEqual(['c']);
  });
});
