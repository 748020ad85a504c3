import { tableId } from '../../changes/table-name.ts';
import { allRows, oneRow } from '../session.ts';
import type { TableSelection } from '../source-connector.ts';
import type { Described } from './following/followed-table.ts';
import { currentScn } from './server/hand-off.ts';
import type { Session } from './server/session.ts';
import { findSourceTables } from './source-table.ts';
import { characterSet, type CharacterSets } from './values/raw-column.ts';

/** Tables as they are now, by id. */
export async function describeNow(
  session: Session,
  selections: readonly TableSelection[],
): Promise<ReadonlyMap<string, Described>> {
  const sources = await findSourceTables(
    session,
    selections.map(({ table }) => table),
  );
  const scn = await currentScn(session);
  return new Map(
    selections.map(({ table }) => {
      const id = tableId(table);
      return [id, { source: sources.get(id) ?? null, scn }];
    }),
  );
}

/** The numbers by which the redo log tells rows of the tables and of their partitions, each with the table's id. */
export async function readObjects(
  session: Session,
  selections: readonly TableSelection[],
): Promise<readonly (readonly [object: string, id: string])[]> {
  const tables = selections.map(({ table }) => table);
  const rows = tables.length === 0 ? [] : await allRows(session, { tag: 'tableObjects', tables });
  return rows.flatMap(([schema, name, object]) =>
    object === null || object === undefined ? [] : [[object, tableId({ schema: schema ?? '', name: name ?? '' })]],
  );
}

export async function readCharacterSets(session: Session): Promise<CharacterSets> {
  const [plain, national] = await oneRow(session, { tag: 'characterSets' });
  return { plain: characterSet(plain ?? '?'), national: characterSet(national ?? '?') };
}
