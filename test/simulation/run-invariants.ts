import { parseRecord } from '../../core/catalog/records.ts';
import { copyRunRecord, runRecord, summaryRecord } from '../../core/catalog/run-records.ts';
import type { Item } from '../../core/catalog/item-table.ts';
import { PIPELINE } from './pipeline.ts';
import type { ItemServer } from './simulated-items.ts';

/** At rest: every extract that was applied has one record of its run, and every run is in one sum. `applied`: by the ledger. */
export function checkRuns(items: ItemServer, applied: number, violation: (what: string) => void): void {
  const all = (prefix: string): Item[] =>
    items.list({ partition: PIPELINE, prefix, after: null, limit: Number.MAX_SAFE_INTEGER, descending: false });
  const runs = all('run#').map((item) => parseRecord(runRecord, item));
  const numbers = runs.map(({ extract }) => extract).join(' ');
  // The run may have been stopped between a commit and its report: the next loader would make it.
  const upTo = (runs.at(-1)?.extract ?? 0) === applied - 1 ? applied - 1 : applied;
  const expected = Array.from({ length: upTo }, (_, index) => index + 1).join(' ');
  if (numbers !== expected) violation(`runs of extracts ${numbers} are recorded, ${applied} were applied`);
  const sums = all('runs#').map((item) => parseRecord(summaryRecord, item));
  const last = sums.at(-1);
  if (last === undefined) return;
  const summed = runs.filter(({ extract, status }) => extract <= last.lastRun && status !== 'covered');
  const copies = all('copied#')
    .filter(({ key }) => key.sort <= last.lastCopy)
    .map((item) => parseRecord(copyRunRecord, item));
  const count = summed.length + copies.length;
  const counted = total(sums.map((sum) => sum.runs));
  if (counted !== count) violation(`${counted} runs are summed up where ${count} are recorded`);
  const changes = total(summed.map((run) => run.inserts + run.updates + run.deletes));
  const counts = total(sums.map((sum) => sum.inserts + sum.updates + sum.deletes));
  if (counts !== changes) violation(`the sums have ${counts} changes, the runs ${changes}`);
  const copied = total(copies.map((copy) => copy.rows));
  const initial = total(sums.map((sum) => sum.initial));
  if (initial !== copied) violation(`the sums have ${initial} copied rows, the full extracts ${copied}`);
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
