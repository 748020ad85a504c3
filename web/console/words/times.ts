/** Times in the user's zone, with the zone said. Durations in the two largest units that are not 0. */

const STEPS: readonly (readonly [unit: string, milliseconds: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
];

/** `850 ms`, `1.4 s`, `3 min 20 s`, `2 d 4 h`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 10_000) return `${(Math.floor(milliseconds / 100) / 10).toLocaleString('en')} s`;
  const first = STEPS.findIndex(([, size]) => milliseconds >= size);
  let rest = milliseconds;
  return STEPS.slice(first, first + 2)
    .flatMap(([unit, size]) => {
      const count = Math.floor(rest / size);
      rest -= count * size;
      return count === 0 ? [] : [`${count} ${unit}`];
    })
    .join(' ');
}

/** The name of this browser's zone: Europe/Berlin. */
export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** `21 Nov 2026, 18:28:58 UTC`. @param time ISO 8601 or milliseconds since 1970 */
export function timeText(time: string | number, zone = browserZone()): string {
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
    timeZone: zone,
  }).format(new Date(time));
}

/** `18:28:58`: for lines of one zone, which stands above them. */
export function clockText(time: string | number, zone = browserZone()): string {
  return new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: zone }).format(new Date(time));
}

/** `5 min 2 s ago`, or `just now`; a clock that runs ahead is no reason to show the future. */
export function agoText(time: string | number, now: number): string {
  const age = now - new Date(time).getTime();
  return age < 1000 ? 'just now' : `${durationText(Math.floor(age / 1000) * 1000)} ago`;
}

/** The day that the clocks of the zone show at a moment: `2026-11-21`. @param at milliseconds since 1970 */
export function dayIn(zone: string, at: number): string {
  return new Intl.DateTimeFormat('en-CA', { dateStyle: 'short', timeZone: zone }).format(at);
}
