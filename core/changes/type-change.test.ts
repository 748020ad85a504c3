import { describe, expect, it } from 'vitest';
import { applyTypeChange, changedType, parseTypeChange, type TypeChange } from './type-change.ts';

function parsed(text: string): TypeChange {
  const change = parseTypeChange(text);
  if (typeof change === 'string') throw new Error(change);
  return change;
}
const changed = (change: string, text: string) => {
  const result = applyTypeChange(parsed(change), text);
  return result.tag === 'value' ? result.text : `! ${result.reason}`;
};

describe('type change', () => {
  it.each([
    ['@I', '42', '42'],
    ['@I', ' 007 ', '7'],
    ['@I', '-0', '0'],
    ['@I', '+12.000', '12'],
    ['@I', '2147483647', '2147483647'],
    ['@I', '-2147483648', '-2147483648'],
    ['@I', '2147483648', '! does not fit 32 bits'],
    ['@I', '1.5', '! not an integer'],
    ['@I', '', '! not an integer'],
    ['@I', '1e3', '! not an integer'],
    ['@L', '9223372036854775807', '9223372036854775807'],
    ['@L', '9223372036854775808', '! does not fit 64 bits'],
    ['@F', '0.1', '0.1'],
    ['@F', '1e3', '1000'],
    ['@F', '-.5', '-0.5'],
    ['@F', '1e999', '! too large for a double'],
    ['@F', 'NaN', '! not a number'],
    ['@F', '0x10', '! not a number'],
    ['@S', 'infinity', 'infinity'],
    ['@S', '  x ', '  x '],
    ['@D(yyyyMMdd)', '20240229', '2024-02-29'],
    ['@D(yyyyMMdd)', '20230229', '! not a date in the given format'],
    ['@D(yyyyMMdd)', '00000000', '! not a date in the given format'],
    ['@D(yyyyMMdd)', '2024-02-29', '! not a date in the given format'],
    ['@D(d.M.yyyy)', '1.2.2024', '2024-02-01'],
    ['@D(d.M.yyyy)', '01.02.2024 ', '2024-02-01'],
    ['@D(dd-MMM-yy)', '05-Mar-99', '1999-03-05'],
    ['@D(dd-MMM-yy)', '05-MAR-69', '2069-03-05'],
    ['@D(dd-MMM-yy)', '05-XYZ-69', '! not a date in the given format'],
    ['@D(yyyyMMdd)', '09991231', '! before 1000-01-01'],
    ['@T(yyyy-MM-dd HH:mm:ss)', '2024-01-02 03:04:05', '2024-01-02 03:04:05'],
    ['@T(yyyy-MM-dd HH:mm:ss)', '2024-01-02 24:04:05', '! not a datetime in the given format'],
    ["@T(yyyy-MM-dd'T'HH:mm:ss.SSS)", '2024-01-02T03:04:05.120', '2024-01-02 03:04:05.120000'],
    ['@T(yyyyMMddHHmmss)', '20240102030405', '2024-01-02 03:04:05'],
    ['@T(MM/dd/yyyy hh:mm a)', '01/02/2024 12:30 AM', '2024-01-02 00:30:00'],
    ['@T(MM/dd/yyyy hh:mm a)', '01/02/2024 12:30 PM', '2024-01-02 12:30:00'],
    ['@T(MM/dd/yyyy hh:mm a)', '01/02/2024 13:30 PM', '! not a datetime in the given format'],
    ["@T(yyyy 'o''clock' HH)", "2024 o'clock 7", '2024-01-01 07:00:00'],
  ])('%s of %j is %j', (change, text, expected) => {
    expect(changed(change, text)).toBe(expected);
  });

  it('refuses what it does not know', () => {
    expect(parseTypeChange('@X')).toContain('none of');
    expect(parseTypeChange('@D(yyyy-QQ)')).toContain('the letter Q');
    expect(parseTypeChange("@D(yyyy'x)")).toContain('not closed');
    expect(parseTypeChange('@D()')).toContain('none of');
    expect(parseTypeChange('@D(yyyy yyyy)')).toContain('twice');
    expect(parseTypeChange('@D(---)')).toContain('no field');
  });

  it('gives the type of the column', () => {
    expect(changedType(parsed('@I'))).toEqual({ tag: 'integer', bits: 32, unsigned: false });
    expect(changedType(parsed('@T(yyyy)'))).toEqual({ tag: 'datetime', fraction: 6 });
  });
});
