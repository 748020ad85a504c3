import { expect, it } from 'vitest';
import { columnDefault } from './column-default.ts';
import type { SourceType } from '../values/source-type.ts';

const declared = (type: SourceType, text: string | null, isMariaDb = true) =>
  columnDefault({ type, text, extra: '', nullable: false, isMariaDb });

it('does not believe a question mark, which may stand for a character that information_schema cannot say', () => {
  const name: SourceType = { tag: 'varchar', characters: 40, charset: 'utf8mb4' };
  expect(declared(name, `'web ✓'`)).toEqual({ tag: 'known', output: 'web ✓' });
  expect(declared(name, `'web ?'`)).toEqual({ tag: 'unknown' });
  expect(declared(name, 'web ?', false)).toEqual({ tag: 'unknown' });
});
