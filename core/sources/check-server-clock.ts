import { microsecondsFromTimestamp } from '../changes/timestamp.ts';
import { ok, warning } from './finding.ts';
import type { ClockSight } from './server-times.ts';
import type { Finding } from './source-connector.ts';
import { isTimeZone, offsetText, timeZone } from './time-zone.ts';

/**
 * Of a server whose log tells commit times by its clock. `zone`: as the user has set it; null: he has not. `told`: a zone that the server names for
 * something else, which is likely to be that of its clock.
 */
export function checkServerClock(
  code: string,
  { at, offset }: Pick<ClockSight, 'at' | 'offset'>,
  { zone, told }: { readonly zone: string | null; readonly told: string | null },
): Finding[] {
  const now = microsecondsFromTimestamp(at);
  const shows = `the server's clock shows ${offsetText(offset)}`;
  if (zone !== null) {
    const should = timeZone(zone).offsetAt(now);
    if (should === offset) return [ok(code, `${shows} now, as ${zone} has it`)];
    const message = `${shows} now to this session, and ${zone} has ${offsetText(should)}: commit times would not be certain`;
    return [
      warning(
        code,
        message,
        'Set source.serverTimeZone to the zone in which the server itself runs, not its listener.',
      ),
    ];
  }
  if (offset === 0n) return [ok(code, `${shows} now`)];
  const isLikely = told !== null && isTimeZone(told) && timeZone(told).offsetAt(now) === offset;
  const region = isLikely ? `its region (${told}?)` : 'its region';
  const message = `${shows} now, and its log tells commit times by it: a pipeline that stands still while the clock is changed stops`;
  const remedy = `Set source.serverTimeZone: ${region}, or ${offsetText(offset)} where the clock is never changed.`;
  return [warning(code, message, remedy)];
}
