import { hasCode } from '../errors/penstock-error.ts';
import type { ItemKey, ItemTable, JsonObject } from './item-table.ts';

/** For records whose write may have happened although its reply was lost: puts, and reads back when it is not sure. */
export async function putOnce(
  items: ItemTable,
  key: ItemKey,
  value: JsonObject & { readonly token: string },
  expected: number | null,
): Promise<number> {
  try {
    return await items.put(key, value, expected);
  } catch (error) {
    if (!hasCode(error, 'PS3004', 'PS3005')) throw error;
    const found = await items.get(key);
    if (found !== null && found.value['token'] === value.token) return found.version;
    throw error;
  }
}
