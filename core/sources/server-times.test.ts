import { expect, it } from 'vitest';
import { microsecondsFromTimestamp, timestampFromMicroseconds, type Timestamp } from '../changes/timestamp.ts';
import { Random } from '../../test/fixtures/random.ts';
import { ServerTimes, type KeptTimes } from './server-times.ts';
import { timeZone, type TimeZone } from './time-zone.ts';

const MINUTE = 60_000_000n;
const BERLIN = timeZone('Europe/Berlin');
/** The hour from 00:00 to 01:00 UTC is 02:00 to 03:00, and so is the next. */
const AUTUMN = '2026-10-25T01:00:00.000000Z';
const SPRING = '2026-03-29T01:00:00.000000Z';
const SEED = Number(process.env['SEED'] ?? 20_261_122);

/** A server whose log has a place for every second. */
class Server {
  readonly #zone: TimeZone;

  constructor(zone: TimeZone) {
    this.#zone = zone;
  }

  place(at: Timestamp): string {
    return (microsecondsFromTimestamp(at) / 1_000_000n).toString(16).toUpperCase().padStart(20, '0');
  }

  shown(at: Timestamp): string {
    const micros = microsecondsFromTimestamp(at);
    return timestampFromMicroseconds(micros + this.#zone.offsetAt(micros))
      .slice(0, 19)
      .replace('T', ' ');
  }

  look(at: Timestamp) {
    return { place: this.place(at), at, offset: this.#zone.offsetAt(microsecondsFromTimestamp(at)) };
  }

  /** The time of a commit, as it is told. */
  told(times: ServerTimes, at: Timestamp): Timestamp {
    return times.commitTime(this.shown(at), this.place(at));
  }
}

const server = new Server(BERLIN);
const moved = (at: Timestamp, minutes: number) =>
  timestampFromMicroseconds(microsecondsFromTimestamp(at) + BigInt(minutes) * MINUTE);

function seen(zone: TimeZone | null, ...looks: readonly Timestamp[]): ServerTimes {
  const times = new ServerTimes(zone, null);
  for (const at of looks) times.look(server.look(at));
  return times;
}

it.each([AUTUMN, SPRING])('who reads on while the clock is changed knows each time without the zone (%s)', (change) => {
  const times = new ServerTimes(null, null);
  const commits: Timestamp[] = [];
  for (let minute = -150; minute < 150; minute++) {
    times.look(server.look(moved(change, minute)));
    const at = moved(change, minute).replace('00.000000Z', '30.000000Z');
    commits.push(at);
  }
  times.look(server.look(moved(change, 150)));
  expect(commits.map((at) => server.told(times, at))).toEqual(commits);
});

it('logs that are read long behind their commits are told by the looks of then', () => {
  const early = seen(null, moved(AUTUMN, -90), moved(AUTUMN, -1), moved(AUTUMN, 1), moved(AUTUMN, 600));
  const commits = [-60, -30, -2, 2, 30, 59, 61, 500].map((minutes) => moved(AUTUMN, minutes));
  expect(commits.map((at) => server.told(early, at))).toEqual(commits);
});

it.each([AUTUMN, SPRING])('who was away meanwhile asks for the zone (%s)', (change) => {
  const times = seen(null, moved(change, -600), moved(change, 600));
  expect(() => server.told(times, moved(change, -30))).toThrow(/is not certain: the clock was changed between/);
  expect(() => server.told(times, moved(change, 30))).toThrow(expect.objectContaining({ code: 'PS2013' }));
});

it('what fits one offset alone is certain all the same', () => {
  const times = seen(null, moved(SPRING, -120), moved(SPRING, 600));
  expect(server.told(times, moved(SPRING, -115))).toBe(moved(SPRING, -115));
  expect(server.told(times, moved(SPRING, 595))).toBe(moved(SPRING, 595));
});

it('a stand of a month with the same offset on both sides asks for the zone, too', () => {
  const times = seen(null, '2026-02-01T00:00:00.000000Z', '2026-02-20T00:00:00.000000Z', '2026-12-01T00:00:00.000000Z');
  expect(server.told(times, '2026-02-10T00:00:00.000000Z')).toBe('2026-02-10T00:00:00.000000Z');
  expect(() => server.told(times, '2026-07-01T00:00:00.000000Z')).toThrow(/or may have been/);
});

it.each([AUTUMN, SPRING])('with the zone, who was away tells times all the same (%s)', (change) => {
  const times = seen(BERLIN, moved(change, -600), moved(change, 600));
  const commits = Array.from({ length: 200 }, (_, index) => moved(change, -300 + 3 * index));
  for (const [index, at] of commits.entries()) {
    const before = commits[index - 1];
    if (before !== undefined && server.shown(at) < server.shown(before)) {
      times.wentBack(server.shown(before), { shown: server.shown(at), place: server.place(at) });
    }
  }
  expect(commits.map((at) => server.told(times, at))).toEqual(commits);
});

it('goes on in the middle of the hour that comes twice', () => {
  for (const from of [-50, -10, 10, 50]) {
    const first = seen(BERLIN, moved(AUTUMN, -600), moved(AUTUMN, 600));
    // The log goes back where the clock does, which the first reader sees.
    first.wentBack('2026-10-25 02:59:59', { shown: '2026-10-25 02:00:00', place: server.place(AUTUMN) });
    expect(server.told(first, moved(AUTUMN, from))).toBe(moved(AUTUMN, from));
    const kept = JSON.parse(JSON.stringify(first.kept)) as KeptTimes;
    const again = new ServerTimes(BERLIN, kept);
    again.look(server.look(moved(AUTUMN, 700)));
    if (from < 0) again.wentBack('2026-10-25 02:59:59', { shown: '2026-10-25 02:00:00', place: server.place(AUTUMN) });
    const rest = Array.from({ length: 60 - from }, (_, index) => moved(AUTUMN, from + index));
    expect(rest.map((at) => server.told(again, at))).toEqual(rest);
  }
});

it('in the hour that comes twice, a quiet log is told by what surrounds it', () => {
  const quiet = seen(BERLIN, moved(AUTUMN, -600), moved(AUTUMN, 2));
  quiet.look(server.look(moved(AUTUMN, 600)));
  // Nearer to the last time told than clocks may differ, but the clock was changed already.
  expect([3, 55].map((minutes) => server.told(quiet, moved(AUTUMN, minutes)))).toEqual([
    ...[moved(AUTUMN, 3), moved(AUTUMN, 55)],
  ]);
  const ended = seen(BERLIN, moved(AUTUMN, -600), moved(AUTUMN, 25));
  expect(ended.commitTime('2026-10-25 02:30:00', server.place(moved(AUTUMN, -30)))).toBe(moved(AUTUMN, -30));
});

it('a zone that is not the server’s is found out', () => {
  const times = seen(timeZone('America/New_York'), '2026-06-01T12:00:00.000000Z', '2026-06-01T12:30:00.000000Z');
  expect(() => server.told(times, '2026-06-01T12:15:00.000000Z')).toThrow(/by America\/New_York it does not fit/);
  const gap = seen(BERLIN, moved(SPRING, -600), moved(SPRING, 600));
  expect(() => gap.commitTime('2026-03-29 02:30:00', server.place(SPRING))).toThrow(/Europe\/Berlin has no such time/);
});

it('an offset that the sessions have, but not the log, is found out', () => {
  const times = new ServerTimes(null, null);
  // Sessions of a listener in UTC; the instance runs in Berlin.
  for (const at of ['2026-06-01T12:00:00.000000Z', '2026-06-01T12:30:00.000000Z']) {
    times.look({ ...server.look(at), offset: 0n });
  }
  expect(() => server.told(times, '2026-06-01T12:15:00.000000Z')).toThrow(/by \+00:00 it does not fit/);
});

it('times do not go back where clocks differ a little, and do where one was set back', () => {
  const utc = new Server(timeZone('UTC'));
  const times = new ServerTimes(timeZone('UTC'), null);
  times.look(utc.look('2026-06-01T12:00:00.500000Z'));
  times.look(utc.look('2026-06-01T13:00:00.000000Z'));
  const place = utc.place('2026-06-01T12:10:00.000000Z');
  const told = ['12:00:00', '12:10:00', '12:09:58', '12:10:01', '12:20:30'].map((time) =>
    times.commitTime(`2026-06-01 ${time}`, place),
  );
  expect(told.map((time) => time.slice(11, 23))).toEqual([
    ...['12:00:00.500', '12:10:00.000', '12:10:00.000', '12:10:01.000', '12:20:30.000'],
  ]);
  expect(times.commitTime('2026-06-01 12:01:00', place)).toBe('2026-06-01T12:01:00.000000Z');
});

it(`whoever looks, stops and goes on as he likes never tells a wrong hour (seed ${SEED})`, () => {
  for (let round = 0; round < 80; round++) {
    const random = new Random(SEED + round);
    const zone = random.pick(['Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kolkata']);
    const there = new Server(timeZone(zone));
    const known = random.chance(0.4) ? timeZone(zone) : null;
    let times = new ServerTimes(known, null);
    let read = microsecondsFromTimestamp(random.pick([AUTUMN, SPRING, '2026-04-04T15:00:00.000000Z'])) - 240n * MINUTE;
    let now = read;
    times.look(there.look(timestampFromMicroseconds(now)));
    let last: Timestamp | null = null;
    for (let step = 0; step < 60; step++) {
      now += BigInt(1 + random.below(random.chance(0.1) ? 400 : 12)) * MINUTE;
      if (random.chance(0.15)) times = new ServerTimes(known, JSON.parse(JSON.stringify(times.kept)) as KeptTimes);
      times.look(there.look(timestampFromMicroseconds(now)));
      if (random.chance(0.3)) continue;
      while (read + 3n * MINUTE < now) {
        read += BigInt(1 + random.below(3)) * MINUTE;
        const at = timestampFromMicroseconds(read);
        if (last !== null && there.shown(at) < there.shown(last)) {
          times.wentBack(there.shown(last), { shown: there.shown(at), place: there.place(at) });
        }
        last = at;
        let told: Timestamp | null = null;
        try {
          told = there.told(times, at);
        } catch (error) {
          expect(error).toMatchObject({ code: 'PS2013' });
          expect(known).toBeNull();
        }
        if (told === null) break;
        expect(`${zone} ${told}`).toBe(`${zone} ${at}`);
      }
      if (read + 3n * MINUTE < now) break;
    }
  }
});
