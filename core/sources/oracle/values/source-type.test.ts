import { expect, it } from 'vitest';
import { declaredType, isToldByRedo, sourceTypeOf, type CatalogType, type SourceType } from './source-type.ts';

function catalog(name: string, more: Partial<CatalogType> = {}): CatalogType {
  return { name, owner: null, length: 22, characters: 0, precision: null, scale: null, ...more };
}

const TYPES: readonly (readonly [CatalogType, SourceType, string])[] = [
  [catalog('NUMBER'), { tag: 'number', precision: 38, scale: null }, 'NUMBER'],
  [catalog('NUMBER', { scale: 0 }), { tag: 'number', precision: 38, scale: 0 }, 'NUMBER(*,0)'],
  [catalog('NUMBER', { precision: 5, scale: -2 }), { tag: 'number', precision: 5, scale: -2 }, 'NUMBER(5,-2)'],
  [catalog('FLOAT', { precision: 63 }), { tag: 'float', bits: 63 }, 'FLOAT(63)'],
  [catalog('BINARY_FLOAT'), { tag: 'binaryFloat', bits: 32 }, 'BINARY_FLOAT'],
  [
    catalog('VARCHAR2', { length: 80, characters: 20 }),
    { tag: 'varchar', isNational: false, characters: 20 },
    'VARCHAR2(20)',
  ],
  [catalog('NCHAR', { length: 10, characters: 5 }), { tag: 'char', isNational: true, characters: 5 }, 'NCHAR(5)'],
  [catalog('RAW', { length: 16 }), { tag: 'raw', bytes: 16 }, 'RAW(16)'],
  [catalog('TIMESTAMP(9)', { scale: 9 }), { tag: 'timestamp', fraction: 9 }, 'TIMESTAMP(9)'],
  [catalog('TIMESTAMP(0) WITH TIME ZONE', { scale: 0 }), { tag: 'zoned', fraction: 0 }, 'TIMESTAMP(0) WITH TIME ZONE'],
  [
    catalog('TIMESTAMP(6) WITH LOCAL TIME ZONE', { scale: 6 }),
    { tag: 'local', fraction: 6 },
    'TIMESTAMP(6) WITH LOCAL TIME ZONE',
  ],
  [
    catalog('INTERVAL DAY(3) TO SECOND(2)', { precision: 3, scale: 2 }),
    { tag: 'daySecond', days: 3, fraction: 2 },
    'INTERVAL DAY(3) TO SECOND(2)',
  ],
  [catalog('XMLTYPE', { owner: 'PUBLIC' }), { tag: 'xml' }, 'XMLTYPE'],
  [catalog('ADDRESS', { owner: 'SHOP' }), { tag: 'unsupported', name: 'ADDRESS' }, 'ADDRESS'],
  [catalog('BFILE'), { tag: 'unsupported', name: 'BFILE' }, 'BFILE'],
];

it.each(TYPES)('reads the catalog: %o', (type, expected, declared) => {
  expect(sourceTypeOf(type)).toEqual(expected);
  expect(declaredType(type)).toBe(declared);
});

it('knows which values redo does not tell exactly', () => {
  expect(isToldByRedo({ tag: 'number', precision: 38, scale: null })).toBe(true);
  expect(isToldByRedo({ tag: 'binaryFloat', bits: 64 })).toBe(false);
  expect(isToldByRedo({ tag: 'clob', isNational: false })).toBe(false);
});
