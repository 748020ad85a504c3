import type { ConsoleHost } from '../console-host.ts';
import { ApiError } from '../problems/api-error.ts';
import type { instanceEndpoints } from '../schemas/instances.ts';
import { findInstance } from './find-instance.ts';
import type { HandlersOf } from './handler.ts';

export function instanceRoutes(console: ConsoleHost): HandlersOf<keyof typeof instanceEndpoints> {
  return {
    'GET /instances': async () => ({ items: [...(await console.instances())] }),
    'POST /instances': async ({ body }) => {
      if (!console.canConfigure || console.only !== null) {
        throw new ApiError(403, 'instances are not made here', {
          remedy: console.kind === 'aws' ? 'Add the pipeline to the deployment.' : 'Start `penstock console`.',
        });
      }
      await console.create(body.name);
      return (await findInstance(console, body)).summary();
    },
    'GET /instances/{name}': async ({ parameters }) => (await findInstance(console, parameters)).summary(),
    'POST /instances/{name}/open': async ({ parameters }) => {
      const instance = await findInstance(console, parameters);
      await console.open(parameters.name);
      return instance.summary();
    },
  };
}
