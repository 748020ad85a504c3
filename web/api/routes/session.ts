import type { ConsoleHost } from '../console-host.ts';
import type { sessionEndpoints } from '../schemas/session.ts';
import type { HandlersOf } from './handler.ts';

export function sessionRoutes(console: ConsoleHost): HandlersOf<keyof typeof sessionEndpoints> {
  return {
    'GET /session': ({ identity }) =>
      Promise.resolve({
        ...identity,
        host: console.kind,
        version: console.version,
        canConfigure: console.canConfigure,
        only: console.only,
        live: console.live,
      }),
  };
}
