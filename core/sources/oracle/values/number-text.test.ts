import { expect, it } from 'vitest';
import { Random } from '../../../../test/fixtures/random.ts';
import { numberText, printedNumber } from './number-text.ts';

it.each([
  ['12', '12'],
  ['-12', '-12'],
  ['0', '0'],
  ['-0', '0'],
  ['.5', '0.5'],
  ['-.5', '-0.5'],
  ['+7.50', '7.5'],
  ['00012.3400', '12.34'],
  ['12.', '12'],
  ['1.0E+100', `1${'0'.repeat(100)}`],
  ['1.5E-10', '0.00000000015'],
  ['-1234567890123456789012345678901234567.8', '-1234567890123456789012345678901234567.8'],
  ['123E2', '12300'],
  ['123.45E1', '1234.5'],
])('%s is %s', (output, text) => {
  expect(numberText(output)).toBe(text);
});

it('is one text for one number, however it is written', () => {
  const seed = Number(process.env['SEED'] ?? 8);
  const random = new Random(seed);
  for (let round = 0; round < 2000; round++) {
    const digits = Array.from({ length: 1 + random.below(38) }, () => random.below(10)).join('');
    const exponent = random.below(60) - 40;
    const sign = random.chance(0.5) ? '-' : '';
    const point = random.below(digits.length + 1);
    const shifted = `${sign}${digits.slice(0, point)}.${digits.slice(point)}E${exponent + digits.length - point}`;
    const plain = `${sign}${digits}E${exponent}`;
    expect(numberText(shifted), `seed ${seed}: ${plain}`).toBe(numberText(plain));
    expect(numberText(numberText(plain)), `seed ${seed}`).toBe(numberText(plain));
  }
});

it.each([
  ['12', '12'],
  ['-.5', '-.5'],
  ['1E+20', '100000000000000000000'],
  ['1.0E-5', '.00001'],
  [`1${'0'.repeat(125)}`, '1.0E+125'],
  ['-1.250E125', '-1.25E+125'],
  ['1.0E-130', '1.0E-130'],
  [`-.${'0'.repeat(129)}15`, '-1.5E-130'],
  ['9'.repeat(64), '9'.repeat(64)],
])('%s as the server prints it: %s', (text, printed) => {
  expect(printedNumber(text)).toBe(printed);
});
