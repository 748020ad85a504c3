import { expect, it } from 'vitest';
import type { FullExtractRecord, HeadRecord } from '../../catalog/records.ts';
import { placeToReopen } from './run-snapshot.ts';

const position = (order: string, lineage = 'l') => ({ lineage, order, resume: '' });
const run = (snapshot: FullExtractRecord['snapshot']): FullExtractRecord => ({
  ...{ run: 'r', startedAt: '2026-01-01T00:00:00.000000Z', state: 'running', tables: [], workersEnded: 0 },
  snapshot,
});
const head = (at: HeadRecord['position']): HeadRecord => ({ lastExtract: 0, position: at, epoch: 1, token: '' });
const taken = { position: position('20'), takenAt: '2026-01-01T00:00:01.000000Z' };

it.each([
  ['the log behind it is still to be read', taken, position('10'), taken],
  ['it was read up to there', taken, position('20'), taken],
  ['the log was read past it: what lies between would be lost', taken, position('21'), null],
  ['the log is another one', taken, position('10', 'other'), null],
  ['no log was prepared', taken, null, null],
  ['none was taken', null, position('10'), null],
])('a snapshot is opened once more: %s', (_, snapshot, at, expected) => {
  expect(placeToReopen(run(snapshot), head(at))).toEqual(expected);
});
