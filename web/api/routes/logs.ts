import type { OpenAPIHono } from '@hono/zod-openapi';
import { streamText } from 'hono/streaming';
import type { z } from 'zod';
import type { ConsoleHost, LogFilter } from '../console-host.ts';
import { ApiError } from '../problems/api-error.ts';
import { schemaProblems } from '../problems/problem-document.ts';
import { logDownloadQuery, type logEndpoints, type LogLine } from '../schemas/logs.ts';
import { mayDo, type Identify } from '../security/identity.ts';
import { findInstance } from './find-instance.ts';
import type { HandlersOf } from './handler.ts';

export function logRoutes(console: ConsoleHost): HandlersOf<keyof typeof logEndpoints> {
  return {
    'GET /instances/{name}/logs': async ({ parameters, query }) => {
      const { logs } = await findInstance(console, parameters);
      const { after = null, before = null, limit } = query;
      return logs.read(filterOf(query), { after, before, limit });
    },
  };
}

function filterOf({ kind, search, level }: z.output<typeof logDownloadQuery>): LogFilter {
  return { kind: kind ?? null, search: search?.toLowerCase() ?? null, level: level ?? null };
}

/** All lines as a file; they name hosts and users, so a viewer does not take them away. */
export function logDownload(
  app: OpenAPIHono,
  console: ConsoleHost,
  { base, identify }: { base: string; identify: Identify },
): void {
  app.openAPIRegistry.registerPath({
    method: 'get',
    path: `${base}/instances/{name}/logs/download`,
    summary: 'Lines of the log as a text file.',
    description: 'Role: operator.',
    request: { query: logDownloadQuery },
    responses: { 200: { description: 'The lines.', content: { 'text/plain': { schema: { type: 'string' } } } } },
  });
  app.get(`${base}/instances/:name/logs/download`, async (context) => {
    if (!mayDo(await identify(context), 'operator')) throw new ApiError(403, 'a viewer does not take logs away');
    const { logs, name } = await findInstance(console, { name: context.req.param('name') });
    const query = logDownloadQuery.safeParse(context.req.query());
    if (!query.success)
      throw new ApiError(400, 'the query is not as it should be', { problems: schemaProblems(query.error) });
    context.header('content-disposition', `attachment; filename="${name}.log"`);
    return streamText(context, async (stream) => {
      for await (const line of logs.lines(filterOf(query.data))) {
        if (stream.aborted) return;
        await stream.writeln(lineText(line));
      }
    });
  });
}

export function lineText({ at, level, kind, message, fields }: LogLine): string {
  const details = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  return `${at} ${level.toUpperCase()} ${kind} ${message}${details.join('')}`;
}
