import { expect, test } from 'vitest';
import { parseProblem, problemOf, RequestError, UNREACHABLE } from './problem.ts';

test('a problem of the API is kept with its code, its remedy and the places of what is wrong', () => {
  const body = {
    type: 'about:blank',
    title: 'The configuration cannot be used',
    status: 422,
    detail: 'two problems',
    code: 'PS1001',
    remedy: 'Mend the marked fields.',
    problems: [
      { path: 'source.host', message: 'must be given' },
      { path: ['tables', 3, 'name'], message: 'twice' },
    ],
  };
  expect(parseProblem(422, 'Unprocessable Content', body)).toEqual({
    title: 'The configuration cannot be used',
    status: 422,
    detail: 'two problems',
    code: 'PS1001',
    remedy: 'Mend the marked fields.',
    problems: [
      { path: 'source.host', message: 'must be given' },
      { path: 'tables.3.name', message: 'twice' },
    ],
  });
});

test('an answer that is no problem document still says what it can', () => {
  expect(parseProblem(502, 'Bad Gateway', null)).toMatchObject({ title: 'Bad Gateway', status: 502, problems: [] });
  expect(parseProblem(502, '', 'text').title).toBe('The server answered 502');
  expect(parseProblem(500, '', { problems: [null, {}, { path: 3, message: 'x' }] }).problems).toEqual([
    { path: '', message: 'x' },
  ]);
});

test('whatever was thrown has a problem', () => {
  expect(problemOf(new RequestError(UNREACHABLE))).toBe(UNREACHABLE);
  expect(problemOf(new Error('no such thing')).detail).toBe('no such thing');
  expect(problemOf('text').detail).toBe('text');
});
