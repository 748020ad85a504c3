import type { OpenAPIHono } from '@hono/zod-openapi';
import { streamText } from 'hono/streaming';
import * as z from 'zod';
import { Catalog } from '../../../core/catalog/catalog.ts';
import { daysOfMonth, runsOfDay, type RunCursor } from '../../../core/operations/reports/reports.ts';
import type { ConsoleHost, ConsoleInstance } from '../console-host.ts';
import { ApiError } from '../problems/api-error.ts';
import { schemaProblems } from '../problems/problem-document.ts';
import { dayRow, runRow, type reportEndpoints } from '../schemas/reports.ts';
import type { Identify } from '../security/identity.ts';
import { findInstance } from './find-instance.ts';
import type { HandlersOf } from './handler.ts';

export function reportRoutes(console: ConsoleHost): HandlersOf<keyof typeof reportEndpoints> {
  return {
    'GET /instances/{name}/reports/day': async ({ parameters, query }) => {
      const { day, zone, table = null, after, limit } = query;
      const request = { day, zone, table, limit, after: after === undefined ? null : cursorOf(after) };
      const { rows, next } = await runsOfDay(contextOf(await findInstance(console, parameters)), request);
      return { items: rows.map((row) => ({ ...row })), next: next === null ? null : JSON.stringify(next) };
    },
    'GET /instances/{name}/reports/month': async ({ parameters, query }) => {
      const { month, zone, table = null } = query;
      const rows = await daysOfMonth(contextOf(await findInstance(console, parameters)), { month, zone, table });
      return { items: rows.map((row) => ({ ...row })) };
    },
  };
}

const downloadQuery = z.strictObject({
  day: z.string().optional(),
  month: z.string().optional(),
  zone: z.string().max(100).default('UTC'),
  table: z.string().optional(),
});

const PAGE = 500;

/** A report as CSV: of a day, or of a month. */
export function reportDownload(
  app: OpenAPIHono,
  console: ConsoleHost,
  { base, identify }: { base: string; identify: Identify },
): void {
  const path = `${base}/instances/{name}/reports/csv`;
  app.openAPIRegistry.registerPath({
    ...{ method: 'get', path, summary: 'A report of a day or of a month as CSV.', description: 'Role: viewer.' },
    request: { params: z.strictObject({ name: z.string() }), query: downloadQuery },
    responses: { 200: { description: 'The report.', content: { 'text/csv': { schema: { type: 'string' } } } } },
  });
  app.get(`${base}/instances/:name/reports/csv`, async (context) => {
    await identify(context);
    const instance = await findInstance(console, { name: context.req.param('name') });
    const query = downloadQuery.safeParse(context.req.query());
    if (!query.success)
      throw new ApiError(400, 'the query is not as it should be', { problems: schemaProblems(query.error) });
    const { day, month, zone, table = null } = query.data;
    const scope = { zone, table };
    const pages =
      day === undefined
        ? monthLines(instance, { ...scope, month: month ?? '' })
        : dayLines(instance, { ...scope, day });
    // The first page before the answer begins: what is wrong with the request is told as such.
    const first = await pages.next();
    context.header('content-disposition', `attachment; filename="${instance.name}-${fileName(day ?? month)}.csv"`);
    const response = streamText(context, async (stream) => {
      for (let page = first; page.done !== true && !stream.aborted; page = await pages.next())
        await stream.write(page.value);
    });
    response.headers.set('content-type', 'text/csv; charset=utf-8');
    return response;
  });
}

type Scope = { readonly zone: string; readonly table: string | null };

async function* dayLines(
  instance: ConsoleInstance,
  scope: Scope & { readonly day: string },
): AsyncGenerator<string, undefined> {
  const columns = Object.keys(runRow.shape);
  let after: RunCursor | null = null;
  let head = csvLine(columns);
  do {
    const { rows, next }: Awaited<ReturnType<typeof runsOfDay>> = await runsOfDay(contextOf(instance), {
      ...scope,
      after,
      limit: PAGE,
    });
    yield head + rows.map((row) => csvLine(columns.map((name) => row[name as keyof typeof row]))).join('');
    head = '';
    after = next;
  } while (after !== null);
}

async function* monthLines(
  instance: ConsoleInstance,
  scope: Scope & { readonly month: string },
): AsyncGenerator<string, undefined> {
  const columns = Object.keys(dayRow.shape);
  const rows = await daysOfMonth(contextOf(instance), scope);
  yield csvLine(columns) + rows.map((row) => csvLine(columns.map((name) => row[name as keyof typeof row]))).join('');
}

/** RFC 4180; a text that a spreadsheet would take for a formula is not let be one. */
export function csvLine(values: readonly (string | number | null)[]): string {
  const cells = values.map((value) => {
    if (value === null) return '';
    const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${cells.join(',')}\r\n`;
}

function fileName(text: string | undefined): string {
  return (text ?? '').replaceAll(/[^0-9-]/g, '') || 'report';
}

function contextOf({ name, host }: ConsoleInstance): { host: ConsoleInstance['host']; catalog: Catalog } {
  return { host, catalog: new Catalog(name, host) };
}

const cursor = z.strictObject({ run: z.int(), copy: z.string() });

/** @throws ApiError 400 */
function cursorOf(text: string): RunCursor {
  try {
    return cursor.parse(JSON.parse(text));
  } catch {
    throw new ApiError(400, '`after` is not the `next` of a page', {
      problems: [{ path: ['after'], message: 'not of a page' }],
    });
  }
}
