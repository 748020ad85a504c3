import { tableId } from '../../../changes/table-name.ts';
import type { TableSelection } from '../../source-connector.ts';
import { replicatedTable, type Reading, type ReplicatedTable } from '../describe.ts';
import { allRows, type Session } from '../server/session.ts';
import { readSourceTables, type SourceTable } from '../source-table.ts';
import { readInstances } from './instances.ts';

/** A column of a capture instance. */
export interface CapturedColumn {
  readonly name: string;
  /** From 1; its bit in update masks. */
  readonly ordinal: number;
  readonly columnId: number;
}

/** Parameters of one statement are bounded. */
const AT_ONCE = 500;

/** By the instance's name. */
export async function readCapturedColumns(
  session: Session,
  instances: readonly string[],
): Promise<ReadonlyMap<string, readonly CapturedColumn[]>> {
  const columns = new Map<string, CapturedColumn[]>();
  for (let start = 0; start < instances.length; start += AT_ONCE) {
    const some = instances.slice(start, start + AT_ONCE);
    for (const [instance, name, ordinal, columnId] of await allRows(session, {
      tag: 'capturedColumns',
      instances: some,
    })) {
      const column = { name: name ?? '', ordinal: Number(ordinal), columnId: Number(columnId) };
      columns.set(instance ?? '', [...(columns.get(instance ?? '') ?? []), column]);
    }
  }
  return columns;
}

/** The table without the columns that the instance does not capture; one that was dropped since is in neither. */
export function asCaptured(source: SourceTable, columns: readonly CapturedColumn[]): SourceTable {
  const captured = new Map(columns.map(({ name, columnId }) => [columnId, name]));
  return { ...source, columns: source.columns.filter(({ columnId, name }) => captured.get(columnId) === name) };
}

/** Tables with the columns of their newest instances. @throws PenstockError PS1005, PS1006, PS2011 */
export async function describeCaptured(
  session: Session,
  tables: readonly TableSelection[],
  reading: Reading,
): Promise<ReplicatedTable[]> {
  const sources = await readSourceTables(
    session,
    tables.map(({ table }) => table),
  );
  const instances = await readInstances(session);
  const newest = new Map(
    tables.flatMap(({ table }) => {
      const name = instances.get(tableId(table))?.at(-1)?.name;
      return name === undefined ? [] : [[tableId(table), name] as const];
    }),
  );
  const columns = await readCapturedColumns(session, [...newest.values()]);
  return sources.flatMap((source, index) => {
    const selection = tables[index];
    if (selection === undefined) return [];
    const captured = columns.get(newest.get(tableId(source.table)) ?? '');
    return [replicatedTable(captured === undefined ? source : asCaptured(source, captured), selection, reading)];
  });
}
