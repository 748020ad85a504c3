/**
 * Time zones, by the data that come with the runtime (ICU). An *instant* is in milliseconds since 1970-01-01 UTC;
 * a *local time* is what the clocks of a zone show, as the instant at which those of UTC show the same.
 */

const SECOND = 1000;
export const DAY = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether there is a zone of that name; offsets such as `+01:00` are none. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    formatOf(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** What the clocks of the zone show at the instant. */
export function localTime(instant: number, zone: string): number {
  return instant + offsetAt(instant, zone);
}

/** The first instant at which the clocks of the zone show the local time or a later one: where they skip it, the end of the gap. */
export function instantOf(local: number, zone: string): number {
  // No zone is a day away from UTC, and none changes its clocks twice in two days.
  const before = offsetAt(local - DAY, zone);
  const after = offsetAt(local + DAY, zone);
  const shown = [local - before, local - after].filter((instant) => localTime(instant, zone) === local);
  return shown.length > 0 ? Math.min(...shown) : endOfGap(local - after, local - before, before, zone);
}

/** `low` has the offset of before the change, `high` does not. */
function endOfGap(low: number, high: number, before: number, zone: string): number {
  let [earlier, later] = [low, high];
  while (later - earlier > SECOND) {
    const middle = earlier + Math.floor((later - earlier) / (2 * SECOND)) * SECOND;
    if (offsetAt(middle, zone) === before) earlier = middle;
    else later = middle;
  }
  return later;
}

/** Local time less UTC at the instant, in milliseconds. */
function offsetAt(instant: number, zone: string): number {
  const second = Math.floor(instant / SECOND) * SECOND;
  const numbers = new Map(
    formatOf(zone)
      .formatToParts(second)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => numbers.get(type) ?? 0;
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return local - second;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', timeZone: zone },
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  formats.set(zone, format);
  return format;
}
