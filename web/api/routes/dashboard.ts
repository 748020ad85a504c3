import type { ConsoleHost } from '../console-host.ts';
import type { Dashboards } from '../dashboard/dashboards.ts';
import type { dashboardEndpoints } from '../schemas/dashboard.ts';
import { findInstance } from './find-instance.ts';
import type { HandlersOf } from './handler.ts';

export function dashboardRoutes(
  console: ConsoleHost,
  dashboards: Dashboards,
): HandlersOf<keyof typeof dashboardEndpoints> {
  return {
    'GET /instances/{name}/dashboard': async ({ parameters }) => dashboards.of(await findInstance(console, parameters)),
  };
}
