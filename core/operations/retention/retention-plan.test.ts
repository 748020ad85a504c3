import { describe, expect, it } from 'vitest';
import type { ExtractRecord } from '../../catalog/records.ts';
import type { LedgerMarks } from '../../destinations/destination.ts';
import { planRetention, planUnlisting, type RetentionView } from './retention-plan.ts';

const position = { lineage: 'l', order: '1', resume: '' };

/** One extract a day, the first on the 1st. */
function record(number: number): ExtractRecord {
  const at = `2026-11-${number.toString().padStart(2, '0')}T00:00:00.000000Z`;
  return {
    ...{ number, from: position, to: position, rows: 1, bytes: 1, tables: 1, epoch: 1, token: '' },
    ...{ sourceDate: at, startedAt: null, dbDelay: 0, createdAt: at },
    object: { key: `p/${number}`, size: 1, manifestOffset: 0, manifestLength: 1, manifestSha256: '' },
  };
}

const days = (first: number, last: number): ExtractRecord[] =>
  Array.from({ length: last - first + 1 }, (_, index) => record(first + index));

const marks = (more: Partial<LedgerMarks> = {}): LedgerMarks => ({
  ...{ applied: 20, epoch: 1, tables: new Map(), copies: new Map(), replays: new Map(), rebuilds: new Set() },
  ...more,
});

function planned(more: Partial<RetentionView>): { readonly expired: readonly number[]; readonly heldBy: unknown } {
  const view = {
    records: days(1, 20),
    before: record(11).createdAt,
    lastExtract: 20,
    loaded: 20,
    marks: marks(),
    joining: new Map<string, number>(),
  };
  const { expired, heldBy } = planRetention({ ...view, ...more });
  return { expired: expired.map(({ number }) => number), heldBy };
}

const upTo = (last: number, heldBy: readonly string[] = []) => ({
  expired: days(1, last).map(({ number }) => number),
  heldBy,
});

describe('the plan of what goes', () => {
  it('has what is older than the limit, and not what is as old as it', () => {
    expect(planned({})).toEqual(upTo(10));
    expect(planned({ records: [] })).toEqual(upTo(0));
    expect(planned({ before: record(1).createdAt })).toEqual(upTo(0));
  });

  it('never has the last extract, nor what is not visible yet', () => {
    const before = '2027-01-01T00:00:00.000000Z';
    expect(planned({ before })).toEqual(upTo(19));
    expect(planned({ before, lastExtract: 12 })).toEqual(upTo(11));
    expect(planned({ records: days(1, 1), before, lastExtract: 1, loaded: 1 })).toEqual(upTo(0));
  });

  it('has nothing that the pipeline has not applied, whichever of report and ledger is behind', () => {
    expect(planned({ marks: marks({ applied: 4 }) })).toEqual(upTo(4));
    expect(planned({ loaded: 4 })).toEqual(upTo(4));
    expect(planned({ marks: marks({ applied: null }) })).toEqual(upTo(0));
  });

  it('keeps what a table will need that is copied beside the log', () => {
    expect(planned({ joining: new Map([['new', 6]]) })).toEqual(upTo(6, ['new']));
  });

  it('keeps what a table has not applied, and says which', () => {
    const tables = new Map([
      ['b', 3],
      ['a', 5],
      ['ahead', 40],
      ['late', 15],
    ]);
    expect(planned({ marks: marks({ tables }) })).toEqual(upTo(3, ['a', 'b']));
    expect(planned({ marks: marks({ tables }), records: days(4, 20) })).toEqual({ expired: [], heldBy: ['a', 'b'] });
    expect(planned({ marks: marks({ tables }), before: record(4).createdAt })).toEqual(upTo(3));
  });

  it('keeps all of a replay under way, collected or not', () => {
    const replays = new Map([['a', { from: 3, next: 9 }]]);
    expect(planned({ marks: marks({ replays }) })).toEqual(upTo(2, ['a']));
  });

  it('stops at the first that is young, also where clocks went back', () => {
    const records = [...days(1, 3), record(15), ...days(5, 20)];
    expect(planned({ records })).toEqual(upTo(3));
  });
});

it('files that were made again are as old as that', () => {
  const records = days(1, 20).map((one) => (one.number === 4 ? { ...one, madeAgainAt: record(15).createdAt } : one));
  expect(planned({ records })).toEqual(upTo(3));
});

it('what is not listed any more is old enough, and its files are gone', () => {
  const unlisted = (before: number, cleared: number) =>
    planUnlisting(days(1, 20), record(before).createdAt, cleared).map(({ number }) => number);
  expect(unlisted(4, 20)).toEqual([1, 2, 3]);
  expect(unlisted(9, 3)).toEqual([1, 2]);
  expect(unlisted(1, 20)).toEqual([]);
  expect(planUnlisting([], record(4).createdAt, 20)).toEqual([]);
});
