import { describe, expect, it } from 'vitest';
import { characterSet, rawColumnText } from './raw-column.ts';
import type { SourceType } from './source-type.ts';

const SETS = { plain: characterSet('WE8MSWIN1252'), national: characterSet('AL16UTF16') };
const varchar: SourceType = { tag: 'varchar', isNational: false, characters: 20 };
const national: SourceType = { tag: 'char', isNational: true, characters: 2 };

function told(type: SourceType, hex: string, bytes = 20, sets = SETS) {
  return rawColumnText({ type, bytes, isEncrypted: false }, { tag: 'raw', hex }, sets);
}

describe('a value that is told by its bytes', () => {
  it.each<[SourceType, string, string]>([
    [{ tag: 'number', precision: 38, scale: null }, 'c102', '1'],
    [{ tag: 'date' }, '787e0b160d1f3c', '2026-11-22 12:30:59'],
    [{ tag: 'raw', bytes: 20 }, '00ff', '00FF'],
    [varchar, '80e9', '€é'],
    [national, '20ac0020', '€ '],
  ])('%j %s', (type, hex, text) => {
    expect(told(type, hex)).toEqual({ tag: 'text', text });
  });

  it('is asked for where its bytes do not tell it: in another zone, rounded, elsewhere', () => {
    const types: SourceType[] = [
      { tag: 'local', fraction: 6 },
      { tag: 'binaryFloat', bits: 64 },
      { tag: 'clob', isNational: false },
      { tag: 'blob' },
      { tag: 'rowid' },
      { tag: 'long' },
    ];
    for (const type of types) expect(told(type, '787e0b160d1f3c'), type.tag).toEqual({ tag: 'ask' });
    expect(told(varchar, '61', 32_767)).toEqual({ tag: 'ask' });
    expect(told({ tag: 'raw', bytes: 32_767 }, '61', 32_767)).toEqual({ tag: 'ask' });
    expect(rawColumnText({ type: varchar, bytes: 20, isEncrypted: false }, { tag: 'unsupported' }, SETS)).toEqual({
      tag: 'ask',
    });
  });

  it('is asked for where it is encrypted', () => {
    const encrypted = { type: varchar, bytes: 20, isEncrypted: true };
    expect(rawColumnText(encrypted, { tag: 'raw', hex: '61' }, SETS)).toEqual({ tag: 'ask' });
  });

  it('is not read in a character set that is not known, and never guessed', () => {
    const chinese = { ...SETS, plain: characterSet('ZHS16GBK') };
    const unread = told(varchar, 'c4e3', 20, chinese);
    expect(unread).toEqual({ tag: 'unread', reason: expect.stringContaining('ZHS16GBK') as string });
    expect(told(varchar, 'c4', 20, { ...SETS, plain: characterSet('AL32UTF8') })).toEqual({ tag: 'wrong' });
  });

  it('is NULL without any bytes', () => {
    expect(told(varchar, '')).toEqual({ tag: 'null' });
  });
});
