import type { CollectedReplay, MergePart, ReplayMark } from '../../../core/destinations/destination.ts';
import type { TargetTable } from '../../../core/destinations/target-table.ts';
import { PenstockError } from '../../../core/errors/penstock-error.ts';
import { collectPart, putCollected, type Collected } from './replay-rows.ts';
import type { PartLine, TargetRows } from './target-rows.ts';

interface Replay extends ReplayMark {
  readonly emptied: boolean;
  /** The columns that are collected. */
  readonly columns: string;
  /** Null: nothing yet. */
  readonly collected: Collected | null;
}

/** What one extract did to a table. */
export interface ReplayedExtract {
  readonly table: string;
  readonly target: TargetTable;
  readonly extract: number;
  readonly next: number;
  readonly parts: readonly { readonly part: MergePart; readonly lines: readonly PartLine[] }[];
}

/** Replays that were begun, beside the tables that they make good. */
export class Replays {
  readonly #replays = new Map<string, Replay>();

  marks(): Map<string, ReplayMark> {
    return new Map([...this.#replays].map(([table, { from, next }]) => [table, { from, next }]));
  }

  begin(table: string, from: number): void {
    this.#replays.set(table, { from, next: from, emptied: false, columns: '', collected: null });
  }

  /** @returns the table's rows, of which older versions may have ended; null: it was collected before. @throws PenstockError PS4011 */
  collect({ table, target, extract, next, parts }: ReplayedExtract, standing: TargetRows): TargetRows | null {
    const replay = this.#replay(table);
    if (replay.next > extract) return null;
    this.#refuseOther(table, next, replay);
    if (replay.collected !== null) this.#confirm(table, target, replay);
    let collection = { collected: replay.collected ?? nothing(standing), standing };
    for (const { part, lines } of parts)
      collection = collectPart(collection, part, lines, { from: replay.from, extract });
    const emptied = replay.emptied || parts.some(({ part }) => part.truncatedAt !== null);
    const { collected } = collection;
    const columns = columnsOf(target);
    this.#replays.set(table, { from: replay.from, next: extract + 1, emptied, columns, collected });
    return collection.standing;
  }

  /** @returns the table's rows, and from which extract on they were made anew. @throws PenstockError PS4007, PS4011 */
  finish(
    table: string,
    { target, next }: CollectedReplay,
    standing: TargetRows,
  ): { readonly rows: TargetRows; readonly from: number } {
    const replay = this.#replay(table);
    this.#refuseOther(table, next, replay);
    if (replay.collected !== null) this.#confirm(table, target, replay);
    const rows = replay.collected === null ? standing : putCollected(standing, replay.collected, target, replay);
    this.#replays.delete(table);
    return { rows, from: replay.from };
  }

  forget(table: string): void {
    this.#replays.delete(table);
  }

  /** What was collected for another structure is of no use. @throws PenstockError PS4010: it begins anew */
  #confirm(table: string, target: TargetTable, { from, columns }: Replay): void {
    if (columns === columnsOf(target)) return;
    this.begin(table, from);
    throw new PenstockError('PS4010', `what the replay of ${table} had collected is of another structure`);
  }

  /** @throws PenstockError PS4010 */
  #refuseOther(table: string, next: number, replay: Replay): void {
    if (replay.next === next) return;
    throw new PenstockError('PS4010', `the replay of ${table} stands at ${replay.next}, not at ${next}`);
  }

  #replay(table: string): Replay {
    const found = this.#replays.get(table);
    if (found === undefined) throw new PenstockError('PS4011', `no replay of ${table} was begun`);
    return found;
  }
}

function nothing(standing: TargetRows): Collected {
  return standing.tag === 'history' ? { tag: 'history', versions: [] } : { tag: 'mirror', lines: new Map() };
}

function columnsOf({ columns }: TargetTable): string {
  return columns.map(({ name }) => name).join();
}
