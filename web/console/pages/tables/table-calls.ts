import type { TablePage, TableQuery, TableRow } from '../../../api/schemas/tables.ts';
import { call } from '../../api/client.ts';
import { standingOf } from './standing-filter.ts';
import type { TableFilter } from './table-browser.tsx';

export const PAGE_ROWS = 50;
const LARGEST_PAGE = 1000;

export function queryOf({ search, selectedOnly, standing }: TableFilter): TableQuery {
  return {
    ...(search === '' ? {} : { search }),
    ...(selectedOnly ? { selected: 'true' as const } : {}),
    ...standingOf(standing),
  };
}

export function fetchTables(instance: string, query: TableQuery, signal: AbortSignal): Promise<TablePage> {
  return call('GET /instances/{name}/tables', { parameters: { name: instance }, query, signal });
}

/** All rows that match, page after page. */
export async function fetchAllTables(instance: string, query: TableQuery, signal: AbortSignal): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  let after: string | null = null;
  do {
    const page = await fetchTables(
      instance,
      { ...query, limit: LARGEST_PAGE, ...(after === null ? {} : { after }) },
      signal,
    );
    rows.push(...page.items);
    after = page.next;
  } while (after !== null);
  return rows;
}
