import type { StoredTable } from './destination/destination-server.ts';
import { LAST_INDEX } from './destination/repair-rows.ts';
import { firstOf } from './destination/replay-rows.ts';
import type { SourceServer } from './source/source-server.ts';
import type { SourceTable } from './source/source-tables.ts';
import type { CopiedRange } from './source/table-truth.ts';
import { rangeHolds } from '../../core/changes/copy-mark.ts';

/** A table that had been spoiled, just after its extracts from `extract` on were applied again. */
export interface ReplayedTable {
  readonly id: string;
  readonly table: SourceTable;
  readonly stored: StoredTable;
  readonly extract: number;
  /** Where the first of the extracts began in the log, and where the last one ended. */
  readonly after: string;
  readonly upTo: string;
  readonly copied: readonly CopiedRange[];
}

/** What the extracts say has to stand at the destination, whatever was done to it. Texts that updates may leave out aside. */
export function checkReplayed(replayed: ReplayedTable, source: SourceServer, violation: (what: string) => void): void {
  const { stored } = replayed;
  if (stored.rows.tag === 'mirror') checkRows(replayed, stored.rows.rows, source, violation);
  if (stored.rows.tag === 'history') checkVersions(replayed, stored.rows.versions, source, violation);
}

type MirrorRows = Extract<StoredTable['rows'], { tag: 'mirror' }>['rows'];
type Versions = Extract<StoredTable['rows'], { tag: 'history' }>['versions'];

function checkRows(
  replayed: ReplayedTable,
  rows: MirrorRows,
  source: SourceServer,
  violation: (what: string) => void,
): void {
  const { id, table, upTo, copied } = replayed;
  const truth = source.truth(id);
  const wanted = new Map(truth.rowsAt(upTo, copied, table.columns.length).map((row) => [row[0] ?? '', row]));
  const found = new Map([...rows.values()].map((row) => [row['id'] ?? '', row]));
  const { keys, isEmptied } = touchedBy(replayed, source);
  for (const key of isEmptied ? new Set([...keys, ...found.keys()]) : keys) {
    const [expected, actual] = [wanted.get(key), found.get(key)];
    if ((expected === undefined) !== (actual === undefined))
      violation(`row ${key} of ${id} is ${actual === undefined ? 'not ' : ''}there after a rollback`);
    if (expected === undefined || actual === undefined) continue;
    for (const place of solidColumns(table)) {
      const name = table.columns[place]?.name ?? '';
      if (expected[place] !== actual[name]) violation(`${name} of row ${key} of ${id} is wrong after a rollback`);
    }
  }
}

function checkVersions(
  replayed: ReplayedTable,
  versions: Versions,
  source: SourceServer,
  violation: (what: string) => void,
): void {
  const { id, table, extract, after, upTo, copied } = replayed;
  const names = solidColumns(table).map((place) => table.columns[place]?.name ?? '');
  const made = versions
    .filter(({ sequence }) => sequence >= firstOf(extract) && sequence % 10_000_000_000n !== BigInt(LAST_INDEX))
    .map(({ row, start, end }) => JSON.stringify([...names.map((name) => row[name]), start, end]));
  const wanted = source
    .truth(id)
    .versionsBetween(after, upTo, copied)
    .map(({ values, start, end }) =>
      JSON.stringify([...solidColumns(table).map((place) => values[place]), start, end]),
    );
  if (made.sort().join('\n') !== wanted.sort().join('\n'))
    violation(`versions of ${id} after a rollback:\n${made.join('\n')}\nwhere they should be:\n${wanted.join('\n')}`);
}

/** Columns that every change tells. */
function solidColumns({ columns, toasted }: SourceTable): number[] {
  return [...columns.keys()].filter((place) => !toasted.includes(place));
}

/** Keys that extracts of the stretch changed, and whether they emptied the table. */
function touchedBy(
  { table, after, upTo, copied }: ReplayedTable,
  source: SourceServer,
): { readonly keys: ReadonlySet<string>; readonly isEmptied: boolean } {
  const keys = new Set<string>();
  let isEmptied = false;
  for (const { commit, end, operations } of source.transactionsAfter(after)) {
    if (end > upTo) break;
    for (const operation of operations) {
      if (operation.table !== table) continue;
      if (operation.tag === 'truncate') {
        isEmptied ||= copied.every(({ order }) => order <= commit);
        continue;
      }
      for (const row of [operation.whole.before, operation.whole.after]) {
        const key = row?.[0] ?? null;
        if (key !== null && copied.some(({ range, order }) => rangeHolds(range, key) && order <= commit)) keys.add(key);
      }
    }
  }
  return { keys, isEmptied };
}
