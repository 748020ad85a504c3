import { quarantineMark } from '../../../core/operations/quarantine.ts';
import type { PipelineSettings } from '../../../core/pipeline/settings.ts';
import { completeSettings, parsedConfiguration } from '../configuration/parsed-configuration.ts';
import type { ConsoleHost, ConsoleInstance } from '../console-host.ts';
import { ApiError } from '../problems/api-error.ts';
import type { quarantineEndpoints } from '../schemas/quarantine.ts';
import { findInstance } from './find-instance.ts';
import type { HandlersOf } from './handler.ts';

export function quarantineRoutes(console: ConsoleHost): HandlersOf<keyof typeof quarantineEndpoints> {
  const look = async (parameters: {
    readonly name: string;
  }): Promise<{ readonly instance: ConsoleInstance; readonly settings: PipelineSettings }> => {
    const instance = await findInstance(console, parameters);
    return { instance, settings: completeSettings(parsedConfiguration(await instance.configuration.read())) };
  };
  return {
    'GET /instances/{name}/quarantine': async ({ parameters, query, signal }) => {
      const before = markOf(query.after);
      const { instance, settings } = await look(parameters);
      const asked = { tables: query.table === undefined ? null : [query.table], before, limit: query.limit };
      const { entries, next, tables } = await instance.quarantine.list(settings, asked, signal);
      return {
        // Named one by one: what a place may know beside these is not told.
        items: entries.map(({ id, at, table, column, reason, position }) => ({
          ...{ id, at: moment(at), table, column, reason, position },
        })),
        next,
        tables: tables.map((table) => ({ ...table })),
        total: sumOf(tables),
      };
    },
    'POST /instances/{name}/quarantine/retry': async ({ parameters, body, note, signal }) => {
      note(named(body.tables));
      const { instance, settings } = await look(parameters);
      const tables = await instance.quarantine.retry(settings, body.tables, signal);
      return { tables: tables?.map((table) => ({ ...table })) ?? null };
    },
    'POST /instances/{name}/quarantine/drop': async ({ parameters, body, note, signal }) => {
      const { tables: wanted, dryRun } = body;
      note(`${named(wanted)}${dryRun ? ' (dry run)' : ''}`);
      const { instance, settings } = await look(parameters);
      const asked = { tables: wanted, before: null, limit: 1 };
      const { tables: there } = await instance.quarantine.list(settings, asked, signal);
      const tables = there.map((table) => ({ ...table }));
      if (dryRun) return { dropped: false, rows: sumOf(tables), tables };
      return { dropped: true, rows: await instance.quarantine.drop(settings, wanted, signal), tables };
    },
  };
}

/** @throws ApiError 400 */
function markOf(after: string | undefined): string | null {
  if (after === undefined) return null;
  if (quarantineMark(after) !== null) return after;
  throw new ApiError(400, '`after` is not the `next` of a page', {
    problems: [{ path: ['after'], message: 'not of a page' }],
  });
}

/** The destination writes `2026-11-21 10:00:00.123456`. */
function moment(at: string): string {
  return `${at.replace(' ', 'T')}Z`;
}

function sumOf(tables: readonly { readonly rows: number }[]): number {
  return tables.reduce((sum, { rows }) => sum + rows, 0);
}

function named(tables: readonly string[] | null): string {
  return tables === null ? 'all tables' : tables.join(', ');
}
