import { expect, it } from 'vitest';
import { microsecondsFromTimestamp } from '../changes/timestamp.ts';
import { isTimeZone, offsetsWhile, offsetText, timeZone } from './time-zone.ts';

const shown = (text: string) => microsecondsFromTimestamp(`${text.replace(' ', 'T')}:00.000000Z`);

it.each(['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kolkata', '+00:00', '-05:30', '+14:00'])(
  '%s is a zone',
  (name) => {
    expect(isTimeZone(name)).toBe(true);
  },
);

it.each(['', 'Berlin', 'Europe/Berlín', '5', '+5:30', '+05:60', '+15:00', 'UTC+2', 'Europe/Berlin; DROP'])(
  '%s is none',
  (name) => {
    expect(isTimeZone(name)).toBe(false);
  },
);

it.each([
  ['Europe/Berlin', '2026-01-15 12:00', ['+01:00']],
  ['Europe/Berlin', '2026-03-29 01:59', ['+01:00']],
  ['Europe/Berlin', '2026-03-29 02:00', []],
  ['Europe/Berlin', '2026-03-29 02:59', []],
  ['Europe/Berlin', '2026-03-29 03:00', ['+02:00']],
  ['Europe/Berlin', '2026-10-25 01:59', ['+02:00']],
  ['Europe/Berlin', '2026-10-25 02:00', ['+02:00', '+01:00']],
  ['Europe/Berlin', '2026-10-25 02:59', ['+02:00', '+01:00']],
  ['Europe/Berlin', '2026-10-25 03:00', ['+01:00']],
  ['America/New_York', '2026-03-08 02:30', []],
  ['America/New_York', '2026-11-01 01:30', ['-04:00', '-05:00']],
  ['Australia/Lord_Howe', '2026-04-05 01:45', ['+11:00', '+10:30']],
  ['Africa/Casablanca', '2026-07-01 12:00', ['+01:00']],
  ['Asia/Kolkata', '2026-07-01 12:00', ['+05:30']],
  ['UTC', '2026-10-25 02:30', ['+00:00']],
  ['-03:30', '2026-10-25 02:30', ['-03:30']],
])('%s shows %s at %j', (name, text, offsets) => {
  expect(offsetsWhile(timeZone(name), shown(text)).map(offsetText)).toEqual(offsets);
});

it('knows clocks that are never changed', () => {
  expect(['UTC', 'Etc/UTC', '+02:00', 'Europe/Berlin'].map((name) => timeZone(name).isFixed)).toEqual([
    ...[true, true, true, false],
  ]);
});
