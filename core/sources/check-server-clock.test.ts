import { expect, it } from 'vitest';
import { checkServerClock } from './check-server-clock.ts';

const HOUR = 3_600_000_000n;
const SUMMER = '2026-07-01T12:00:00.000000Z';

it.each([
  [0n, null, null, 'ok', null],
  [2n * HOUR, null, null, 'warning', 'its region, or +02:00 where'],
  [2n * HOUR, null, 'Europe/Vienna', 'warning', 'its region (Europe/Vienna?), or +02:00 where'],
  // It says nothing of the clock.
  [2n * HOUR, null, 'PST8PDT', 'warning', 'its region, or'],
  [2n * HOUR, null, 'nonsense', 'warning', 'its region, or'],
  [2n * HOUR, 'Europe/Berlin', null, 'ok', null],
  [2n * HOUR, '+02:00', null, 'ok', null],
  [0n, 'UTC', null, 'ok', null],
  [0n, 'Europe/London', null, 'warning', 'the zone in which the server itself runs'],
] as const)('a clock that shows %d more than UTC, set %s, told %s: %s', (offset, zone, told, severity, remedy) => {
  const [finding, ...others] = checkServerClock('x.clock', { at: SUMMER, offset }, { zone, told });
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ code: 'x.clock', severity });
  expect(finding?.remedy ?? null).toEqual(remedy === null ? null : (expect.stringContaining(remedy) as unknown));
});
