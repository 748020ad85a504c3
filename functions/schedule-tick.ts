import { z } from 'zod';
import { catalogFunction } from './catalog-function.ts';

/**
 * Once a minute: wakes the loader where something visible is not loaded, because its wake-up was lost or its load failed.
 * Looks at two items of the catalog and touches nothing else.
 */
export const handler = catalogFunction({
  name: 'schedule-tick',
  input: z.unknown(),
  async work(_input, { host, pipeline, catalog }) {
    const [head, loaded] = await Promise.all([catalog.head(), catalog.loaded()]);
    const woken = loaded < head.lastExtract;
    if (woken) host.wakeUps.signal(pipeline);
    return { woken };
  },
});
