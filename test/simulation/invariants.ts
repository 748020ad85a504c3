import type { SourcePosition } from '../../core/changes/position.ts';
import type { Item } from '../../core/catalog/item-table.ts';
import type { MergeStep, RepairStep } from '../../core/destinations/destination.ts';
import {
  extractRecord,
  headRecord,
  parseRecord,
  tableRecord,
  type ExtractRecord,
  type HeadRecord,
  type TableRecord,
} from '../../core/catalog/records.ts';
import { retentionRecord } from '../../core/catalog/retention-record.ts';
import type { DestinationServer } from './destination/destination-server.ts';
import { differingRows, type Damage } from './damage.ts';
import { checkReplayed } from './rollback-invariants.ts';
import { checkRuns } from './run-invariants.ts';
import { currentRows, textOf } from './destination/target-rows.ts';
import { PIPELINE, TABLE_IDS } from './pipeline.ts';
import type { ItemServer } from './simulated-items.ts';
import type { ObjectServer } from './simulated-store.ts';
import { OPEN_END, type CopiedRange } from './source/table-truth.ts';
import { tableId } from '../../core/changes/table-name.ts';
import type { LoggedTransaction } from './source/source-tables.ts';
import type { SourceServer } from './source/source-server.ts';

/** Everything that outlives the processes. */
export interface Servers {
  readonly source: SourceServer;
  readonly items: ItemServer;
  readonly objects: ObjectServer;
  readonly destination: DestinationServer;
}

/** What must hold at every moment and at the end. Looks at the servers themselves, not at what a process says of them. */
export class Invariants {
  readonly #servers: () => Servers;
  readonly #violation: (what: string) => void;
  readonly #lineage: string;
  readonly #beginning: string;
  /** Extracts before it were removed. */
  #firstKept = 1;
  readonly #copies = new Map<string, { readonly generation: number; readonly ranges: readonly CopiedRange[] }>();
  readonly #damage: Damage;

  constructor(servers: () => Servers, damage: Damage, beginning: SourcePosition, violation: (what: string) => void) {
    this.#servers = servers;
    this.#damage = damage;
    this.#violation = violation;
    this.#lineage = beginning.lineage;
    this.#beginning = beginning.order;
  }

  head(): HeadRecord {
    const item = this.#servers().items.get({ partition: PIPELINE, sort: 'head' });
    return item === null ? { lastExtract: 0, position: null, epoch: 0, token: '' } : parseRecord(headRecord, item);
  }

  isFollowing(id: string): boolean {
    return this.#table(id)?.state.tag === 'following';
  }

  /** Whether a full extract has begun to copy it and not finished. */
  isCopying(id: string): boolean {
    return this.#table(id)?.state.tag === 'copying';
  }

  /** Whether it is stopped for a reason that the user mends by another copy. */
  mayBeCopiedAnew(id: string): boolean {
    const state = this.#table(id)?.state;
    if (state?.tag !== 'stopped') return false;
    return state.code === 'PS4012' || (state.code === 'PS4007' && this.#damage.isSpoiled(id));
  }

  /** At the moment of an acknowledgement: everything up to there is listed, and the last extract listed is in the store. */
  acknowledged(position: SourcePosition): void {
    const head = this.head();
    if (head.position === null || head.position.lineage !== position.lineage || head.position.order < position.order) {
      this.#violation(
        `acknowledged ${position.order} while the catalog stands at ${head.position?.order ?? 'nothing'}`,
      );
    }
    if (head.lastExtract > 0) this.#checkStored(head.lastExtract);
  }

  /** At the moment of a destination commit: every table is as the source was at the end of the extract of its mark. */
  committed(step: MergeStep): void {
    const { destination } = this.#servers();
    const head = this.head();
    if (step.extract > head.lastExtract) this.#violation(`extract ${step.extract} was loaded before it was visible`);
    for (const id of TABLE_IDS) this.#checkTable(id, this.#endOf(destination.markOf(id)), `extract ${step.extract}`);
  }

  /** Somebody changed rows at the destination. */
  spoiled(id: string): void {
    this.#damage.spoil(id);
    this.#checkTable(id, this.#endOf(this.#servers().destination.markOf(id)), 'it was spoiled');
  }

  /** At the moment of a repair: its rows are those of just the table's mark. */
  repaired({ target, keys, applied }: RepairStep): void {
    const id = tableId(target.schema.table);
    const when = `a repair at extract ${applied}`;
    this.#checkTable(id, this.#endOf(this.#servers().destination.markOf(id)), when);
    const standing = this.#damage.standing(id);
    for (const key of keys) {
      const name = JSON.stringify(key);
      if (standing.has(name)) this.#violation(`row ${name} of ${id} is not as the source had it after ${when}`);
    }
  }

  /** At the moment at which a table was made anew from extracts: what they say stands, and no row differs that did not before. */
  replayed(id: string, from: number): void {
    const { destination, source } = this.#servers();
    const before = this.#damage.standing(id);
    const upTo = this.#endOf(destination.markOf(id));
    this.#checkTable(id, upTo, `a rollback to extract ${from}`);
    if (!this.#damage.isSpoiled(id)) return;
    for (const name of this.#damage.standing(id).keys())
      if (!before.has(name))
        this.#violation(`row ${name} of ${id} differs after a rollback to ${from}, and did not before`);
    const [stored, record] = [destination.tables.get(id), this.#table(id)];
    const table = source.tables.find(({ schema }) => tableId(schema.table) === id)?.table;
    if (stored === undefined || record?.state.tag !== 'following' || table === undefined) return;
    const after = this.#record(from)?.from.order ?? '';
    const copied = this.#copiedRanges(record);
    checkReplayed({ id, table, stored, extract: from, after, upTo, copied }, source, this.#violation);
  }

  /** At the moment at which a rollback is given up: not for lack of files that were promised to be kept. */
  replayDropped(id: string): void {
    const from = this.#servers().destination.ledger().replays.get(id)?.from;
    if (from !== undefined && this.isFollowing(id) && this.#firstPromised() <= from)
      this.#violation(`the rollback of ${id} to extract ${from} is given up`);
  }

  /** At the moment at which an object goes: it holds an extract that nobody needs any more. */
  deleted(key: string): void {
    const number = Number(/\/extracts\/(\d+)-/.exec(key)?.[1] ?? 0);
    if (number > 0) this.#checkUnneeded(number, `object ${key} was deleted`);
  }

  /** At the moment at which an item goes: an extract only after all before it, and after its object. */
  removed(item: Item): void {
    if (!item.key.sort.startsWith('extract#')) return;
    const { number, object } = parseRecord(extractRecord, item);
    // A put that was on its way for long may bring back an item that was removed: it goes again.
    if (number > this.#firstKept)
      this.#violation(`extract ${number} was removed, and ${this.#firstKept} is the first that is kept`);
    this.#firstKept = Math.max(this.#firstKept, number + 1);
    if (this.#servers().objects.has(object.key)) this.#violation(`extract ${number} was removed before its object`);
    this.#checkUnneeded(number, `extract ${number} was removed`);
  }

  #checkUnneeded(number: number, what: string): void {
    const { destination } = this.#servers();
    if (number >= this.head().lastExtract) this.#violation(`${what}, and it is the last one`);
    for (const id of TABLE_IDS) {
      if (!this.isCopying(id) && destination.markOf(id) < number)
        this.#violation(`${what}, and ${id} stands at ${destination.markOf(id)}`);
    }
    for (const [id, { from }] of destination.ledger().replays)
      if (from <= number && this.#firstPromised() <= number)
        this.#violation(`${what}, and the rollback of ${id} needs it`);
  }

  /** The first extract whose files the catalog promises to keep. */
  #firstPromised(): number {
    const item = this.#servers().items.get({ partition: PIPELINE, sort: 'retention' });
    return item === null ? 1 : parseRecord(retentionRecord, item).kept;
  }

  /** After everything came to rest. `reached`: where the source's log ended, null after it failed over. */
  atRest(reached: string | null): void {
    const { destination } = this.#servers();
    const head = this.head();
    this.#checkExtracts(head.lastExtract);
    if (head.position?.lineage !== this.#lineage)
      this.#violation(`the catalog stands in ${head.position?.lineage ?? 'none'}`);
    const { applied } = destination.ledger();
    // On one machine a log that is another one ends the loader together with the reader.
    if (reached !== null && (applied ?? 0) !== head.lastExtract) {
      this.#violation(`ledger at ${applied ?? 0}, catalog at ${head.lastExtract}`);
    }
    if (reached !== null) checkRuns(this.#servers().items, applied ?? 0, this.#violation);
    for (const id of TABLE_IDS) {
      const state = this.#table(id)?.state.tag ?? 'unknown';
      if (state !== 'following') this.#violation(`${id} is ${state} at the end`);
    }
    for (const id of TABLE_IDS) this.#checkTable(id, reached ?? this.#endOf(destination.markOf(id)), 'the end');
  }

  #checkExtracts(last: number): void {
    let before: string | null = null;
    for (let number = 1; number <= last; number++) {
      const record = this.#record(number);
      if (record === null) continue;
      this.#checkStored(number);
      if (record.from.lineage !== this.#lineage || record.to.lineage !== this.#lineage) {
        this.#violation(`extract ${number} is of ${record.to.lineage}`);
      }
      if (before !== null) this.#checkJoint(number, before, record.from.order);
      before = record.to.order;
    }
  }

  /** An extract begins where the one before it ended, but for an idle source's advance over what holds no changes. */
  #checkJoint(number: number, before: string, from: string): void {
    const { source } = this.#servers();
    if (from < before) this.#violation(`extract ${number} begins at ${from}, before ${before}`);
    const skipped = source.failedOver ? null : source.transactionAfter(before, (one) => this.#isNeeded(one));
    if (skipped !== null && skipped.end <= from) {
      this.#violation(`extract ${number} begins at ${from}, behind transaction ${skipped.end}`);
    }
  }

  /** Whether it changes a table that follows, and that table's copy does not hold it. */
  #isNeeded({ commit, operations }: LoggedTransaction): boolean {
    return operations.some(({ schema }) => {
      const table = this.#table(tableId(schema.table));
      if (table?.state.tag !== 'following') return false;
      return this.#copiedRanges(table).some(({ order }) => order <= commit);
    });
  }

  /** A table's rows, as the source had them at `order`; a table that is being copied is not looked at. */
  #checkTable(id: string, order: string, when: string): void {
    const { destination, source } = this.#servers();
    const table = this.#table(id);
    if (table?.state.tag !== 'following') return;
    const stored = destination.tables.get(id);
    if (stored === undefined) {
      this.#violation(`${id} does not exist at the destination`);
      return;
    }
    const truth = source.truth(id);
    const width = stored.columns.length;
    if (width < truth.toldAt(order)) this.#violation(`${id} lacks a column after ${when}`);
    const copied = this.#copiedRanges(table);
    const actual = textOf(stored.rows, truth.columns(width));
    const expected =
      stored.rows.tag === 'history' ? truth.historyAt(order, copied, width) : truth.mirrorAt(order, copied, width);
    if (actual === expected) this.#damage.heal(id);
    else if (this.#damage.isSpoiled(id) && table.schema !== null) {
      const found = currentRows(stored.rows, truth.columns(width), OPEN_END);
      this.#damage.note(id, differingRows(table.schema, truth.rowsAt(order, copied, width), found), order);
    } else {
      this.#violation(`${id} differs from the source at ${order} after ${when}:\n${difference(expected, actual)}`);
    }
  }

  /** Where the table's last copy was made; remembered, because the catalog may forget it when the log has passed it. */
  #copiedRanges(table: TableRecord): readonly CopiedRange[] {
    const known = this.#copies.get(table.table);
    if (known?.generation === table.generation) return known.ranges;
    const { source } = this.#servers();
    const ranges =
      table.marks.length === 0
        ? [{ range: { tag: 'whole' } as const, order: this.#beginning, takenAt: '' }]
        : table.marks.map((mark) => ({ ...mark, takenAt: source.snapshotTime(mark.order) ?? '' }));
    this.#copies.set(table.table, { generation: table.generation, ranges });
    return ranges;
  }

  #table(id: string): TableRecord | null {
    const item = this.#servers().items.get({ partition: PIPELINE, sort: `table#${id}` });
    return item === null ? null : parseRecord(tableRecord, item);
  }

  #endOf(extract: number): string {
    return extract === 0 ? this.#beginning : (this.#record(extract)?.to.order ?? '');
  }

  #record(number: number): ExtractRecord | null {
    const sort = `extract#${number.toString().padStart(12, '0')}`;
    const { items } = this.#servers();
    const item =
      number < this.#firstKept
        ? items.removed({ partition: PIPELINE, sort })
        : items.get({ partition: PIPELINE, sort });
    if (item === null) this.#violation(`extract ${number} is not in the catalog`);
    return item === null ? null : parseRecord(extractRecord, item);
  }

  #checkStored(number: number): void {
    const record = this.#record(number);
    const { destination, objects } = this.#servers();
    if (record === null || number < this.#firstKept || objects.has(record.object.key)) return;
    // Objects go before their item.
    const isNeeded = number >= this.head().lastExtract || TABLE_IDS.some((id) => destination.markOf(id) < number);
    if (isNeeded || !objects.wasDeleted(record.object.key))
      this.#violation(`extract ${number} is listed, but its object is not in the store`);
  }
}

function difference(expected: string, actual: string): string {
  const [wanted, found] = [expected.split('\n'), actual.split('\n')];
  const missing = without(wanted, found).map((row) => `  - ${row}`);
  const surplus = without(found, wanted).map((row) => `  + ${row}`);
  return [...missing, ...surplus].slice(0, 10).join('\n');
}

function without(rows: readonly string[], taken: readonly string[]): string[] {
  const rest = [...taken];
  return rows.filter((row) => {
    const place = rest.indexOf(row);
    if (place >= 0) rest.splice(place, 1);
    return place < 0;
  });
}
