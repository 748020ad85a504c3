import type { DifferenceKind } from '../../core/operations/verification/row-prints.ts';
import { nameOfRow, type ComparedRow } from './compared-rows.ts';
import type { TableSchema } from '../../core/changes/table-schema.ts';

/** How a row at the destination differs from what the source had at the table's mark. */
export interface SpoiledRow {
  readonly kind: DifferenceKind;
  /** Names of the columns that differ; empty where the row is on one side only. */
  readonly columns: readonly string[];
}

export interface StandingDamage extends SpoiledRow {
  /** Microseconds since 1970: it has differed like this from then on. */
  readonly since: bigint;
  /** The end of the table's mark then, in the source's log. */
  readonly order: string;
}

/** Which rows of the destination somebody spoiled, as the oracle knows it; by table id and row name. */
export class Damage {
  readonly #tables = new Map<string, Map<string, StandingDamage>>();
  /** When a row differed last, where it does no more. */
  readonly #mended = new Map<string, Map<string, bigint>>();
  readonly #now: () => bigint;

  constructor(now: () => bigint) {
    this.#now = now;
  }

  /** From now on the table is not expected to be equal, and its differences are kept account of. */
  spoil(table: string): void {
    if (!this.#tables.has(table)) this.#tables.set(table, new Map());
  }

  /** Whether somebody spoiled it and not all of it was made good. */
  isSpoiled(table: string): boolean {
    return this.#tables.has(table);
  }

  get spoiledTables(): readonly string[] {
    return [...this.#tables.keys()];
  }

  /** The rows that differ now. */
  standing(table: string): ReadonlyMap<string, StandingDamage> {
    return this.#tables.get(table) ?? NOTHING;
  }

  /** After something changed at the destination. `order`: the end of the table's mark. */
  note(table: string, found: ReadonlyMap<string, SpoiledRow>, order: string): void {
    const before = this.standing(table);
    const now = new Map<string, StandingDamage>();
    for (const [name, row] of found) {
      const known = before.get(name);
      const isSame = known?.kind === row.kind && JSON.stringify(known.columns) === JSON.stringify(row.columns);
      now.set(name, isSame ? known : { ...row, since: this.#now(), order });
    }
    const mended = this.#mended.get(table) ?? new Map<string, bigint>();
    for (const name of before.keys()) mended.set(name, this.#now());
    this.#mended.set(table, mended);
    this.#tables.set(table, now);
  }

  /** All is as it should be again. */
  heal(table: string): void {
    if (!this.isSpoiled(table)) return;
    this.note(table, new Map(), '');
    this.#tables.delete(table);
  }

  /** Whether a row differed at some time since `since`. */
  hasDiffered(table: string, name: string, since: bigint): boolean {
    return this.standing(table).has(name) || (this.#mended.get(table)?.get(name) ?? -1n) >= since;
  }
}

const NOTHING: ReadonlyMap<string, StandingDamage> = new Map();

/** Names the rows of which the two sides have not the same; rows without a key by their texts, each copy counted. */
export function differingRows(
  schema: TableSchema,
  wanted: readonly ComparedRow[],
  found: readonly ComparedRow[],
): Map<string, SpoiledRow> {
  const [here, there] = [byName(schema, wanted), byName(schema, found)];
  const differing = new Map<string, SpoiledRow>();
  for (const name of new Set([...here.keys(), ...there.keys()])) {
    const [expected, actual] = [here.get(name) ?? [], there.get(name) ?? []];
    if (expected.length > actual.length) differing.set(name, { kind: 'missing at destination', columns: [] });
    else if (expected.length < actual.length) differing.set(name, { kind: 'extra at destination', columns: [] });
    else {
      const columns = schema.columns.filter((_, index) => expected[0]?.[index] !== actual[0]?.[index]);
      if (columns.length > 0) differing.set(name, { kind: 'different', columns: columns.map((column) => column.name) });
    }
  }
  return differing;
}

function byName(schema: TableSchema, rows: readonly ComparedRow[]): Map<string, ComparedRow[]> {
  return Map.groupBy(rows, (row) => nameOfRow(schema, row));
}
