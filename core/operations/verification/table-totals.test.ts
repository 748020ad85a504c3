import { describe, expect, it } from 'vitest';
import type { ChunkRange } from '../../changes/copy-mark.ts';
import { addChecksums, rangesBehind } from './table-totals.ts';

const range = (after: string | null, upTo: string | null): ChunkRange => ({
  ...{ tag: 'key', column: 'id', compareAs: 'number', after, upTo },
});

it('adds checksums of chunks to that of the table, exactly', () => {
  const big = { rows: 2, sum: `${2n ** 80n}:5` };
  expect(addChecksums(big, { rows: 1, sum: '1:2' })).toEqual({ rows: 3, sum: `${2n ** 80n + 1n}:7` });
});

describe('ranges behind a key', () => {
  const planned = [range(null, '9'), range('9', '100'), range('100', null)];

  it('begin just behind it, also where the plan was another one', () => {
    expect(rangesBehind(planned, '9')).toEqual([range('9', '100'), range('100', null)]);
    expect(rangesBehind(planned, '50')).toEqual([range('50', '100'), range('100', null)]);
    expect(rangesBehind(planned, '100')).toEqual([range('100', null)]);
    expect(rangesBehind(planned, '1000')).toEqual([range('1000', null)]);
    expect(rangesBehind([range(null, null)], '7')).toEqual([range('7', null)]);
  });

  it('are not to be had of a whole table', () => {
    expect(rangesBehind([{ tag: 'whole' }], '9')).toBeNull();
  });
});
