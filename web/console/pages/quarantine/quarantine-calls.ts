import type { QuarantinePage } from '../../../api/schemas/quarantine.ts';
import { call } from '../../api/client.ts';
import { useResource, type ReadResource } from '../../api/use-resource.ts';

const ROWS = 20;
/** The destination is asked: not every second. */
const LOOK_SECONDS = 30;

/** One page of the rows in quarantine. @param table null: of all tables @param round grows when something was changed here */
export function useQuarantine(
  instance: string,
  { table, after, round }: { readonly table: string | null; readonly after: string | null; readonly round: number },
): ReadResource<QuarantinePage> {
  const query = { limit: ROWS, ...(table === null ? {} : { table }), ...(after === null ? {} : { after }) };
  return useResource(
    `${instance} quarantine ${round} ${JSON.stringify(query)}`,
    (signal) => call('GET /instances/{name}/quarantine', { parameters: { name: instance }, query, signal }),
    LOOK_SECONDS,
  );
}

/** How many rows of which tables are in quarantine. @param isAsked false: nothing is known, and nothing asked */
export function useQuarantineCounts(
  instance: string,
  isAsked: boolean,
): Pick<QuarantinePage, 'tables' | 'total'> | null {
  const { data } = useResource(
    isAsked ? `${instance} quarantine counts` : null,
    (signal) =>
      call('GET /instances/{name}/quarantine', { parameters: { name: instance }, query: { limit: 1 }, signal }),
    LOOK_SECONDS,
  );
  return data;
}
