import { expect, it } from 'vitest';
import { PenstockError } from '../errors/penstock-error.ts';
import { beforeWork, translatedError, type JudgedError } from './translated-error.ts';

const judged: JudgedError = { code: 'PS2010', said: 'gone', holdsValue: false };

it('says what was tried, keeps the cause, and names table and remedy where they are given', () => {
  const cause = new Error('the driver’s');
  const plain = translatedError(cause, 'read t', null, () => judged);
  expect(plain).toMatchObject({ code: 'PS2010', table: null, cause });
  expect(plain.message).toContain('read t: gone');
  const whole = translatedError(cause, 'read t', 's.t', () => ({ ...judged, remedy: 'Do this.' }));
  expect(whole).toMatchObject({ table: 's.t', remedy: 'Do this.' });
});

it('keeps nothing of an error whose message can hold a value', () => {
  const error = translatedError(new Error('secret'), 'read t', null, () => ({ ...judged, holdsValue: true }));
  expect(error.cause).toBeUndefined();
  expect(`${String(error)} ${JSON.stringify(error)} ${error.stack ?? ''}`).not.toContain('secret');
});

it('leaves what is ours, and an abort, as they are', () => {
  const judge = (): JudgedError => {
    throw new Error('must not be asked');
  };
  for (const own of [new PenstockError('PS2001', 'x'), new DOMException('stop', 'AbortError')])
    expect(translatedError(own, 'read t', null, judge)).toBe(own);
});

it('a connection that was lost before anything ran was not there', () => {
  expect(beforeWork(judged).code).toBe('PS2002');
  expect(beforeWork({ ...judged, code: 'PS2003' }).code).toBe('PS2003');
});
