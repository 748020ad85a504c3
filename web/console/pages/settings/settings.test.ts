import { expect, test } from 'vitest';
import { instanceIcon } from '../../../api/schemas/instances.ts';
import { elsewhereLines } from './elsewhere-lines.ts';
import { COLORS, shortened } from './icon-choice.ts';

test('the text of an icon is at most two characters, none of them cut in half', () => {
  expect(['', 'a', 'abc', 'żó', '👍', '👍a', 'a👍'].map(shortened)).toEqual(['', 'a', 'ab', 'żó', '👍', '👍', 'a']);
});

test('every colour that is offered is one that the API takes', () => {
  for (const { value } of COLORS) expect(instanceIcon.safeParse({ text: 'ab', color: value }).success).toBe(true);
});

test('each host says of the same settings where they are', () => {
  const words = (host: 'local' | 'aws') =>
    elsewhereLines(host)
      .map(({ name }) => name)
      .join(', ');
  for (const name of ['AWS recovery', 'S3 logging', 'Metadata']) {
    expect(words('local')).toContain(name);
    expect(words('aws')).toContain(name);
  }
  // These have a form of their own on one machine.
  for (const name of ['E-mail', 'AWS credentials', 'AWS proxy', 'CloudWatch logs', 'SNS']) {
    expect(words('aws')).toContain(name);
  }
});
