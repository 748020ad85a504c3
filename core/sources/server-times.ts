import * as z from 'zod';
import { microsecondsFromTimestamp, timestampFromMicroseconds, type Timestamp } from '../changes/timestamp.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import { offsetsWhile, offsetText, type TimeZone } from './time-zone.ts';

/** A look at the clock of a server whose log tells times by that clock. */
export interface ClockSight {
  /** The end of the log then; sorts as a string. Whatever was committed up to it was committed before, all else later. */
  readonly place: string;
  readonly at: Timestamp;
  /** What the clock showed more than UTC, in microseconds. */
  readonly offset: bigint;
}

/** A place of the log, and when it was its end. */
interface Seen {
  readonly place: string;
  readonly at: bigint;
}

/** Looks one after the other that found the same offset. */
interface Run {
  readonly offset: bigint;
  readonly first: Seen;
  readonly last: Seen;
}

const place = z.string().regex(/^[0-9A-F]+$/);
const at = z.iso.datetime({ precision: 6 });

/** What a position remembers of the clock: the last commit time that was told, and the looks that are needed to tell those behind it. */
export const keptTimes = z.strictObject({
  told: at.nullable(),
  seen: z.array(z.strictObject({ offset: z.int(), from: z.tuple([place, at]), to: z.tuple([place, at]) })),
});

export type KeptTimes = z.output<typeof keptTimes>;

/** What a position remembers that stands where the clock was looked at. */
export function keptSight(sight: ClockSight): KeptTimes {
  const times = new ServerTimes(null, null);
  times.look(sight);
  return times.kept;
}

const MINUTE = 60_000_000n;
/** Clocks of a cluster's machines differ, are corrected, and a commit's time is taken a little before it is in the log. Less than half of what any clock is changed by. */
const TOLERANCE = 10n * MINUTE;
/** Two looks that are farther apart may have two changes of the clock between them (a month of Ramadan has), though both found the same offset. */
const MOST_APART = 25n * 24n * 60n * MINUTE;
/** A clock is changed twice a year; one that differs from session to session is not remembered for ever. */
const MOST_RUNS = 16;
const MOST_KEPT = 4;

/**
 * Times by a server's clock, without an offset → UTC. A look at the clock tells its offset, and brackets commit times: what is behind the end of the log
 * then was committed later, what is before it earlier. So who reads on while the clock is changed knows which offset a commit time has. Who was away
 * meanwhile needs the zone; without it that is an error, never a guess.
 */
export class ServerTimes {
  readonly #zone: TimeZone | null;
  #runs: Run[];
  #told: bigint | null;
  #toldPlace = '';
  /** Where the clock went back in the log: the first time behind it is the moment. */
  #steps: { readonly place: string; readonly shown: bigint }[] = [];

  constructor(zone: TimeZone | null, kept: KeptTimes | null) {
    this.#zone = zone;
    this.#told = kept === null || kept.told === null ? null : microsecondsFromTimestamp(kept.told);
    this.#runs = (kept?.seen ?? []).map(({ offset, from, to }) => ({
      offset: BigInt(offset) * MINUTE,
      first: { place: from[0], at: microsecondsFromTimestamp(from[1]) },
      last: { place: to[0], at: microsecondsFromTimestamp(to[1]) },
    }));
  }

  /** The end of the log at the last look; null: there was none. What is behind it wants another look first. */
  get reach(): string | null {
    return this.#runs.at(-1)?.last.place ?? null;
  }

  look({ place, at, offset }: ClockSight): void {
    const seen: Seen = { place, at: microsecondsFromTimestamp(at) };
    const run = this.#runs.at(-1);
    if (run !== undefined && place < run.last.place) return;
    if (run?.offset === offset && seen.at - run.last.at <= MOST_APART) {
      this.#runs[this.#runs.length - 1] = { ...run, last: seen };
    } else this.#runs = [...this.#runs, { offset, first: seen, last: seen }].slice(-MOST_RUNS);
  }

  /** Two commits that follow each other in a log, of which the second one's time is earlier by the clock: where the hour begins that it shows twice. */
  wentBack(before: string, { shown, place }: { readonly shown: string; readonly place: string }): void {
    if (shownMicroseconds(before) - shownMicroseconds(shown) < 2n * TOLERANCE) return;
    this.#steps = [...this.#steps, { place, shown: shownMicroseconds(shown) }].slice(-MOST_RUNS);
  }

  /**
   * When the next commit was, in UTC: commits are asked for in the order in which they are told, and their times do not go back, but where somebody set
   * the clock back by more than ten minutes. `shown`: by the server's clock. `place`: of the commit in the log, not beyond `reach`.
   * @throws PenstockError PS2013 where that is not certain
   */
  commitTime(shown: string, place: string): Timestamp {
    const around = this.#around(place);
    const found = this.#choose(shownMicroseconds(shown), place, around);
    if (found.tag === 'unsure') throw unsure(shown, place, found.reason);
    const floor = later(this.#told, around.before?.at ?? null);
    const isJustBefore = floor !== null && found.at < floor && floor - found.at <= TOLERANCE;
    const at = isJustBefore ? floor : found.at;
    this.#told = at;
    this.#toldPlace = place;
    return timestampFromMicroseconds(at);
  }

  /** About when that was: to tell people of. */
  timeNear(shown: string, place: string): Timestamp {
    const time = shownMicroseconds(shown);
    const found = this.#choose(time, place, this.#around(place));
    return timestampFromMicroseconds(found.tag === 'sure' ? found.at : time - (this.#runs.at(-1)?.offset ?? 0n));
  }

  /** For positions behind the last commit that was told. */
  get kept(): KeptTimes {
    const needed = this.#runs.findIndex(({ last }) => last.place >= this.#toldPlace);
    // The one before, too: a commit may surface late.
    const runs = this.#runs.slice(needed === -1 ? -1 : Math.max(0, needed - 1)).slice(-MOST_KEPT);
    return {
      told: this.#told === null ? null : timestampFromMicroseconds(this.#told),
      seen: runs.map(({ offset, first, last }) => ({
        offset: Number(offset / MINUTE),
        from: [first.place, timestampFromMicroseconds(first.at)],
        to: [last.place, timestampFromMicroseconds(last.at)],
      })),
    };
  }

  #around(place: string): Around {
    const index = this.#runs.findIndex(({ last }) => place <= last.place);
    const run = this.#runs[index];
    if (run === undefined) {
      const last = this.#runs.at(-1);
      return { before: last?.last ?? null, after: null, runs: last === undefined ? [] : [last] };
    }
    if (place > run.first.place) return { before: run.first, after: run.last, runs: [run] };
    const earlier = this.#runs[index - 1];
    return { before: earlier?.last ?? null, after: run.first, runs: earlier === undefined ? [run] : [earlier, run] };
  }

  #choose(shown: bigint, place: string, around: Around): Chosen {
    const zone = this.#zone;
    const offsets = zone === null ? [...new Set(around.runs.map(({ offset }) => offset))] : offsetsWhile(zone, shown);
    if (offsets.length === 0) {
      return { tag: 'unsure', reason: zone === null ? 'nobody looked at the clock' : `${zone.name} has no such time` };
    }
    const least = around.before?.at ?? null;
    const most = around.after?.at ?? null;
    const possible = offsets.map((offset) => shown - offset).filter((time) => isBetween(time, least, most));
    const [first, second] = possible.sort((a, b) => (a < b ? -1 : 1));
    if (first === undefined) return { tag: 'unsure', reason: contradiction(zone, offsets, around) };
    if (zone !== null) {
      const isSecond = second !== undefined && this.#isSecondTime({ first, second, shown, place, around }, zone);
      return { tag: 'sure', at: isSecond ? second : first };
    }
    // Both looks found the same, too far apart to say what was between them.
    if (offsets.length < around.runs.length) return { tag: 'unsure', reason: awayText(around) };
    if (second === undefined) return { tag: 'sure', at: first };
    const isOver = this.#told !== null && first < this.#told - TOLERANCE;
    return isOver ? { tag: 'sure', at: second } : { tag: 'unsure', reason: awayText(around) };
  }

  /** Of an hour that the clock shows twice: whether it is shown for the second time. */
  #isSecondTime({ first, second, shown, place, around }: Twice, zone: TimeZone): boolean {
    const { offsetAt } = zone;
    const offset = offsetAt(second);
    const floor = later(this.#told, around.before?.at ?? null);
    if (floor !== null && floor > first) return offsetAt(floor) === offset || floor - first > TOLERANCE;
    return this.#steps.some(
      (step) => step.place <= place && step.shown <= shown && shown - step.shown < second - first,
    );
  }
}

/** The looks that a place of the log lies between. */
interface Around {
  readonly before: Seen | null;
  readonly after: Seen | null;
  /** With the offsets that the clock may have had there. */
  readonly runs: readonly Run[];
}

interface Twice {
  readonly first: bigint;
  readonly second: bigint;
  readonly shown: bigint;
  readonly place: string;
  readonly around: Around;
}

type Chosen = { readonly tag: 'sure'; readonly at: bigint } | { readonly tag: 'unsure'; readonly reason: string };

/** `YYYY-MM-DD HH:MM:SS`, with or without a fraction, as if that were UTC. */
function shownMicroseconds(shown: string): bigint {
  const fraction = shown.slice('2026-11-21 09:00:00.'.length).slice(0, 6).padEnd(6, '0');
  return microsecondsFromTimestamp(`${shown.slice(0, 10)}T${shown.slice(11, 19)}.${fraction}Z`);
}

/** The server's own clock may have been set back between both looks. */
function isBetween(time: bigint, least: bigint | null, most: bigint | null): boolean {
  const [from, to] = least !== null && most !== null && least > most ? [most, least] : [least, most];
  return (from === null || time >= from - TOLERANCE) && (to === null || time <= to + TOLERANCE);
}

function later(a: bigint | null, b: bigint | null): bigint | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}

function contradiction(zone: TimeZone | null, offsets: readonly bigint[], { before, after }: Around): string {
  const said = zone === null ? offsets.map(offsetText).join(' or ') : zone.name;
  const since = before === null ? '' : ` after ${timestampFromMicroseconds(before.at)}`;
  const until = after === null ? '' : ` before ${timestampFromMicroseconds(after.at)}`;
  return `by ${said} it does not fit: it was committed${since}${until}`;
}

function awayText({ before, after }: Around): string {
  const moment = (seen: Seen | null) => (seen === null ? 'then' : timestampFromMicroseconds(seen.at));
  return `the clock was changed between ${moment(before)} and ${moment(after)}, or may have been, and nobody looked at it meanwhile`;
}

function unsure(shown: string, place: string, reason: string): PenstockError {
  return new PenstockError(
    'PS2013',
    `the log tells ${shown} for the commit at ${place}, by the server's clock; what that is in UTC is not certain: ${reason}`,
  );
}
