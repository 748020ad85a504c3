import { expect, it } from 'vitest';
import {
  capturedPosition,
  capturedReachOf,
  compareVersions,
  lsnBefore,
  lsnBehind,
  lsnDigits,
  trackedPlaceOf,
  trackedPosition,
  versionOrder,
} from './place.ts';

it('a position of change tracking stands behind the commit of its version and before the next', () => {
  const position = trackedPosition('l', { version: '9', told: {}, fresh: [] });
  expect(versionOrder('9') < position.order).toBe(true);
  expect(position.order < versionOrder('10')).toBe(true);
  expect(trackedPlaceOf(position)).toEqual({ version: '9', told: {}, fresh: [] });
});

it('what was told moves the order, not the version', () => {
  const place = { version: '9', told: { 'dbo.a': '12', 'dbo.b': '11' }, fresh: [] };
  const position = trackedPosition('l', place);
  expect(position.order).toBe(trackedPosition('l', { version: '12', told: {}, fresh: [] }).order);
  expect(trackedPlaceOf(position)).toEqual(place);
});

it.each([
  ['9', '10', -1],
  ['10', '10', 0],
  ['9223372036854775807', '9223372036854775806', 1],
])('version %s and %s: %i', (a, b, order) => {
  expect(compareVersions(a, b)).toBe(order);
});

it('a position of change data capture stands behind the commit at its LSN', () => {
  const lsn = '0000002B000001280001';
  const position = capturedPosition('l', { lsn });
  expect(lsn < position.order && position.order < lsnBehind(lsn)).toBe(true);
  expect(capturedReachOf(position)).toEqual({ lsn });
});

it.each([
  ['0000002b:00000128:0001', '0000002B000001280001'],
  ['2b:128:1', '0000002B000001280001'],
  ['0000002B000001280001', '0000002B000001280001'],
])('an LSN written %s', (text, digits) => {
  expect(lsnDigits(text)).toBe(digits);
});

it.each(['', '1', '2b:128', 'x:y:z', '43:296:1:9'])('no LSN: %j', (text) => {
  expect(() => lsnDigits(text)).toThrow(expect.objectContaining({ code: 'PS2008' }));
});

it('counts LSNs across their parts', () => {
  expect(lsnBehind('0000002B00000128FFFF')).toBe('0000002B000001290000');
  expect(lsnBefore('0000002B000001290000')).toBe('0000002B00000128FFFF');
  expect(lsnBefore('0'.repeat(20))).toBe('0'.repeat(20));
});

it('a resume that was not written by this connector is refused', () => {
  expect(() => capturedReachOf({ lineage: 'l', order: 'x', resume: '{"lsn":"1"}' })).toThrow();
  expect(() => trackedPlaceOf({ lineage: 'l', order: 'x', resume: '{"version":"-1","told":{}}' })).toThrow();
});
