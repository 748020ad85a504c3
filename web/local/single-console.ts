import type { ConsoleHost } from '../api/console-host.ts';
import { ApiError } from '../api/problems/api-error.ts';
import type { LocalInstance } from './local-instance.ts';

/** The console of one pipeline, beside the command that runs it. */
export function singleConsole(instance: LocalInstance, version: string): ConsoleHost {
  return {
    kind: 'local',
    version,
    canConfigure: true,
    only: instance.name,
    live: 'events',
    instances: async () => [await instance.summary()],
    instance: (name) => Promise.resolve(name === instance.name ? instance : null),
    create: () =>
      Promise.reject(new ApiError(403, 'one pipeline is served here', { remedy: 'Start `penstock console`.' })),
    open: () => {
      instance.supervisor.again();
      return Promise.resolve();
    },
  };
}
