import { Catalog } from '../../../core/catalog/catalog.ts';
import { schedulerStanding } from '../../../core/operations/scheduling/scheduler.ts';
import type { ConsoleHost } from '../console-host.ts';
import { schedulerView } from '../dashboard/scheduler-view.ts';
import type { schedulerEndpoints } from '../schemas/scheduler.ts';
import { findInstance } from './find-instance.ts';
import type { HandlersOf } from './handler.ts';

export function schedulerRoutes(console: ConsoleHost): HandlersOf<keyof typeof schedulerEndpoints> {
  return {
    'GET /instances/{name}/scheduler': async ({ parameters }) => {
      const { name, host } = await findInstance(console, parameters);
      return schedulerView(await schedulerStanding(new Catalog(name, host)));
    },
    'PUT /instances/{name}/scheduler': async ({ parameters, body, note }) => {
      const instance = await findInstance(console, parameters);
      const { on, reason } = body;
      note(`${on ? 'on' : 'off'}${reason === '' ? '' : `: ${reason}`}`);
      return schedulerView(await instance.switchScheduler({ on, reason }));
    },
  };
}
