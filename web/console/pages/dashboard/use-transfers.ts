import type { Transfers } from '../../../api/schemas/transfers.ts';
import { call } from '../../api/client.ts';
import { useResource, type ReadResource } from '../../api/use-resource.ts';

const REFRESH_SECONDS = 15;

/** Records transferred by hours and days: asked once for all parts of the page. @param zone an IANA name */
export function useTransfers(instance: string, zone: string): ReadResource<Transfers> {
  return useResource(
    `${instance} transfers ${zone}`,
    (signal) => call('GET /instances/{name}/transfers', { parameters: { name: instance }, query: { zone }, signal }),
    REFRESH_SECONDS,
  );
}
