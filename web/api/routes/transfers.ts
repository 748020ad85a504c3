import { Catalog } from '../../../core/catalog/catalog.ts';
import type { RunSums } from '../../../core/catalog/run-records.ts';
import { recentRuns } from '../../../core/operations/reports/reports.ts';
import type { ConsoleHost } from '../console-host.ts';
import type { transferEndpoints } from '../schemas/transfers.ts';
import { findInstance } from './find-instance.ts';
import type { HandlersOf } from './handler.ts';

export function transferRoutes(console: ConsoleHost): HandlersOf<keyof typeof transferEndpoints> {
  return {
    'GET /instances/{name}/transfers': async ({ parameters, query }) => {
      const { name, host } = await findInstance(console, parameters);
      const { zone } = query;
      const { hours, days, records } = await recentRuns(
        { host, catalog: new Catalog(name, host) },
        { zone, table: null },
      );
      return {
        zone,
        records,
        hours: hours.map((hour) => ({ from: new Date(hour.from).toISOString(), ...countsOf(hour) })),
        days: days.map((day) => ({ date: day.date, ...countsOf(day) })),
      };
    },
  };
}

function countsOf({ initial, inserts, updates, deletes }: RunSums) {
  return { initial, inserts, updates, deletes };
}
