import { microsecondsFromTimestamp } from '../../core/changes/timestamp.ts';
import { parseRecord } from '../../core/catalog/records.ts';
import { tableProof, verificationRun } from '../../core/catalog/verification-records.ts';
import type { TableVerdict } from '../../core/operations/verification/verdict.ts';
import { nameOfRow } from './compared-rows.ts';
import type { Damage, StandingDamage } from './damage.ts';
import { countOverlaps } from './destination/compared-destination.ts';
import type { Servers } from './invariants.ts';
import { PIPELINE } from './pipeline.ts';
import type { LoggedTransaction } from './source/source-tables.ts';

/** What must hold of each verdict of a verification: no false alarm ever, and what was spoiled is found and named. */
export class VerifyInvariants {
  readonly #servers: () => Servers;
  readonly #damage: Damage;
  readonly #violation: (what: string) => void;
  readonly #everSpoiled = new Set<string>();

  constructor(servers: () => Servers, damage: Damage, violation: (what: string) => void) {
    this.#servers = servers;
    this.#damage = damage;
    this.#violation = violation;
  }

  spoiled(table: string): void {
    this.#everSpoiled.add(table);
  }

  /** Microseconds: when the verification began that a call now begins or goes on with. */
  beginning(now: bigint): bigint {
    const item = this.#servers().items.get({ partition: PIPELINE, sort: 'verification#demand' });
    if (item === null) return now;
    const { ended, startedAt } = parseRecord(verificationRun, item);
    return ended ? now : microsecondsFromTimestamp(startedAt);
  }

  /** `begun`: {@link beginning} of its verification. `isAtRest`: nothing moved since long before it began, so that it has to be exact. */
  verdict(verdict: TableVerdict, begun: bigint, isAtRest: boolean): void {
    const { table } = verdict;
    const standing = this.#damage.standing(table);
    if (isAtRest) this.#checkExact(verdict, standing);
    if (verdict.tag === 'notComparable') return;
    if (verdict.tag === 'different') this.#checkAlarm(verdict, begun);
    for (const [name, row] of standing) {
      if (row.since > begun || !(isAtRest || this.#isUntouched(table, name, row))) continue;
      this.#checkFound(verdict, name, row);
    }
  }

  /** At the end: a proof that says of a table that it differs, though nobody ever spoiled it. */
  atRest(): void {
    const { items } = this.#servers();
    const found = items.list({ partition: PIPELINE, prefix: 'verified#', after: null, limit: 100, descending: false });
    for (const { table, verdict, differsSince } of found.map((item) => parseRecord(tableProof, item))) {
      if (this.#everSpoiled.has(table)) continue;
      if (verdict === 'different' || differsSince !== null)
        this.#violation(`${table} is on record as different, and nobody spoiled it`);
    }
  }

  #checkExact(verdict: TableVerdict, standing: ReadonlyMap<string, StandingDamage>): void {
    const { table, tag } = verdict;
    if (tag === 'unsettled' || tag === 'notComparable') {
      const reason = tag === 'notComparable' ? `: ${verdict.reason}` : '';
      this.#violation(`${table} is at rest, and its verification says ${tag}${reason}`);
      return;
    }
    const rows = this.#servers().destination.tables.get(table)?.rows;
    const overlaps = rows?.tag === 'history' ? countOverlaps(rows.versions) : 0;
    const isEqual = standing.size + overlaps === 0;
    if (isEqual !== (tag === 'equal'))
      this.#violation(`${table} is at rest ${isEqual ? '' : 'not '}equal, and its verification says ${tag}`);
  }

  #checkAlarm(verdict: TableVerdict & { tag: 'different' }, begun: bigint): void {
    const { table, differences, inFlight, overlaps, isMore } = verdict;
    if (overlaps > 0 && !this.#everSpoiled.has(table))
      this.#violation(`false alarm: ${overlaps} versions of ${table} are said to overlap`);
    if (differences.length === 0 && overlaps === 0 && !isMore)
      this.#violation(`${table} is said to be different, and no row is named`);
    if (inFlight === 'possible') return;
    for (const { key, kind, columns } of differences) {
      const name = JSON.stringify(key);
      if (this.#damage.hasDiffered(table, name, begun)) continue;
      this.#violation(`false alarm: row ${name} of ${table} is said to be ${kind} ${columns.join(', ')}`);
    }
  }

  #checkFound(verdict: Exclude<TableVerdict, { tag: 'notComparable' }>, name: string, row: StandingDamage): void {
    const what = `row ${name} of ${verdict.table} is ${row.kind} ${row.columns.join(', ')}`;
    if (verdict.tag !== 'different') {
      this.#violation(`missed: ${what}, and its verification says ${verdict.tag}`);
      return;
    }
    const found = verdict.differences.find(({ key }) => JSON.stringify(key) === name);
    if (found === undefined) {
      if (!verdict.isMore) this.#violation(`missed: ${what}, and is not named`);
    } else if (found.kind !== row.kind || found.columns.join() !== row.columns.join())
      this.#violation(`misnamed: ${what}, and is said to be ${found.kind} ${found.columns.join(', ')}`);
  }

  /** Whether the source did nothing to the row, and nothing to the table that concerns all rows, since the damage stands. */
  #isUntouched(id: string, name: string, { order }: StandingDamage): boolean {
    const { source, destination } = this.#servers();
    const width = destination.tables.get(id)?.columns.length;
    return source.transactionsAfter(order).every((transaction) => !touches(transaction, id, name, width ?? 0));
  }
}

function touches({ operations }: LoggedTransaction, id: string, name: string, width: number): boolean {
  return operations.some((operation) => {
    const { schema } = operation;
    if (`shop.${schema.table.name}` !== id) return false;
    if (operation.tag === 'truncate' || schema.columns.length !== width) return true;
    const { before, after } = operation.whole;
    return [before, after].some((row) => row !== null && nameOfRow(schema, row) === name);
  });
}
