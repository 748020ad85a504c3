import type { TableSchema } from '../../changes/table-schema.ts';
import { keyText, structureDifferences, type Difference } from '../../loads/structure-differences.ts';
import { withSourceIds } from '../../loads/structure.ts';

/**
 * Pure: why the structures that the log has between the two ends cannot be passed over; null where they can. Rows of them are loaded
 * into the structure of now, and what the source did to older rows on the way must have left them as they are. Where the key is
 * another one now, the first rows that wait must have it already: rows of the old one cannot be found under the new one.
 */
export function passingFault(has: TableSchema, logged: readonly TableSchema[], now: TableSchema): string | null {
  for (const schema of logged) {
    const between = withSourceIds(schema, has);
    if (keyText(between) !== keyText(now)) return `rows under the key ${keyText(between)} wait to be loaded before`;
    const [there, onwards] = [structuresOnly(has, between), structuresOnly(between, now)];
    const isFault = (one: Difference): boolean => one.class !== 'safe' && one.kind !== 'key';
    const fault = there.find(isFault) ?? onwards.find((one) => one.class === 'impossible');
    if (fault !== undefined)
      return `on the way ${fault.what}: ${fault.class === 'unsafe' ? 'values may have changed' : fault.reason}`;
  }
  return null;
}

function structuresOnly(has: TableSchema, now: TableSchema): Difference[] {
  const standing = has.columns.map(({ name }) => ({ name, type: '', nullable: true }));
  return structureDifferences({ has, now, standing, kept: [], drops: 'keep', readFrom: 'source', mayReplace: true });
}
