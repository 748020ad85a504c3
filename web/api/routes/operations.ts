import { rollbackPoints } from '../../../core/operations/rollback/rollback-points.ts';
import { tableSettings } from '../../../core/operations/pipeline-tables.ts';
import { completeSettings, parsedConfiguration } from '../configuration/parsed-configuration.ts';
import type { ConsoleHost, ConsoleInstance } from '../console-host.ts';
import { notFound } from '../problems/api-error.ts';
import type { Operation, operationEndpoints } from '../schemas/operations.ts';
import { findInstance } from './find-instance.ts';
import type { HandlersOf } from './handler.ts';

export function operationRoutes(console: ConsoleHost): HandlersOf<keyof typeof operationEndpoints> {
  const settingsOf = async (instance: ConsoleInstance) =>
    completeSettings(parsedConfiguration(await instance.configuration.read()));
  return {
    'GET /instances/{name}/operations': async ({ parameters, query }) => {
      const { operations } = await findInstance(console, parameters);
      const items = (await operations.list(query.after ?? null, query.limit)).map(listed);
      return { items, next: items.length < query.limit ? null : (items.at(-1)?.id ?? null) };
    },
    'POST /instances/{name}/operations': async ({ parameters, body, identity, note }) => {
      const instance = await findInstance(console, parameters);
      note(JSON.stringify(body));
      const settings = await settingsOf(instance);
      for (const table of 'tables' in body ? (body.tables ?? []) : []) tableSettings(settings, table);
      return instance.operations.start(settings, body, identity.user);
    },
    'GET /instances/{name}/operations/{id}': async ({ parameters }) => {
      const { operations } = await findInstance(console, parameters);
      return (await operations.get(parameters.id)) ?? missing(parameters.id);
    },
    'POST /instances/{name}/operations/{id}/stop': async ({ parameters }) => {
      const { operations } = await findInstance(console, parameters);
      return (await operations.stop(parameters.id)) ?? missing(parameters.id);
    },
    'GET /instances/{name}/rollback-points': async ({ parameters, query, signal }) => {
      const instance = await findInstance(console, parameters);
      const { before = null, limit } = query;
      const { name, host } = instance;
      const { points, next } = await rollbackPoints({ settings: { pipeline: name }, host, signal }, { before, limit });
      return { items: points.map((point) => ({ ...point })), next: next === null ? null : String(next) };
    },
  };
}

/** In a list: what each table of ten thousand came to is for who asks for the one operation. */
function listed(operation: Operation): Operation {
  return { ...operation, result: null, progress: operation.endedAt === null ? operation.progress : [] };
}

function missing(id: string): never {
  throw notFound(`operation ${id}`);
}
