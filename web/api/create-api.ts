import { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ConsoleHost } from './console-host.ts';
import { Dashboards } from './dashboard/dashboards.ts';
import { flowRoutes } from './flow/flow-routes.ts';
import { ApiError, notFound } from './problems/api-error.ts';
import { problemOf, schemaProblems } from './problems/problem-document.ts';
import { configurationRoutes } from './routes/configuration.ts';
import { dashboardRoutes } from './routes/dashboard.ts';
import type { Asked, HandlersOf } from './routes/handler.ts';
import { instanceRoutes } from './routes/instances.ts';
import { logDownload, logRoutes } from './routes/logs.ts';
import { liveRoute } from './routes/live.ts';
import { operationRoutes } from './routes/operations.ts';
import { quarantineRoutes } from './routes/quarantine.ts';
import { reportDownload, reportRoutes } from './routes/reports.ts';
import { schedulerRoutes } from './routes/scheduler.ts';
import { sessionRoutes } from './routes/session.ts';
import { settingsRoutes } from './routes/settings.ts';
import { tableRoutes } from './routes/tables.ts';
import { transferRoutes } from './routes/transfers.ts';
import { endpoints, type Call } from './schemas/contract.ts';
import type { Endpoint } from './schemas/endpoint.ts';
import { problemDocument } from './schemas/values.ts';
import { mayDo, type Identify, type Identity } from './security/identity.ts';
import { guardRequest } from './security/request-guard.ts';
import { securityHeaders } from './security/response-headers.ts';
import { ListedTables } from './tables/listed-tables.ts';

export const BASE = '/api/v1';
/** 20,000 changes of tables fit in. */
const MOST_BODY_BYTES = 16 << 20;

export interface ApiOptions {
  readonly identify: Identify;
  /** The names with port under which this server is asked, see guardRequest. */
  readonly hosts: () => ReadonlySet<string> | null;
  /** Errors inside the program, which answers do not tell. */
  readonly onFailure: (error: unknown) => void;
  /** What the pages of this place connect to besides its own server: the origins of its sign-in. Null: it has none. */
  readonly signInOrigins?: readonly string[] | null;
  /** Whether answers are checked by their schemas before they are sent: for tests. */
  readonly checkAnswers?: boolean;
}

/** The API as a hono app that any host mounts. */
export function createApi(console: ConsoleHost, options: ApiOptions): OpenAPIHono {
  const app = new OpenAPIHono();
  const headers = Object.entries(securityHeaders(options.signInOrigins ?? null));
  app.use(async (context, next) => {
    for (const [name, value] of headers) context.header(name, value);
    guardRequest({ method: context.req.method, header: (name) => context.req.header(name) ?? null }, options.hosts());
    await next();
  });
  app.use(bodyLimit({ maxSize: MOST_BODY_BYTES, onError: tooLarge }), async (context, next) => {
    if (/^\/(?:api|ingest)\//.test(context.req.path)) context.header('cache-control', 'no-store');
    await next();
  });
  const dashboards = new Dashboards();
  const lists = new ListedTables();
  const handlers: HandlersOf<Call> = {
    ...sessionRoutes(console),
    ...instanceRoutes(console),
    ...dashboardRoutes(console, dashboards),
    ...configurationRoutes(console),
    ...transferRoutes(console),
    ...tableRoutes(console, lists),
    ...schedulerRoutes(console),
    ...operationRoutes(console),
    ...quarantineRoutes(console),
    ...logRoutes(console),
    ...reportRoutes(console),
    ...settingsRoutes(console),
  };
  for (const [call, endpoint] of endpoints()) {
    mount(app, call, endpoint, handlers[call], { console, dashboards, ...options });
  }
  liveRoute(app, console, { base: BASE, identify: options.identify, dashboards });
  flowRoutes(app, console, {
    identify: options.identify,
    lists,
    onChange: (name) => {
      dashboards.forget(name);
    },
  });
  reportDownload(app, console, { base: BASE, identify: options.identify });
  logDownload(app, console, { base: BASE, identify: options.identify });
  app.get('/healthz', (context) => context.json({ ok: true }));
  app.doc31(`${BASE}/openapi.json`, {
    openapi: '3.1.0',
    info: { title: 'Penstock', version: console.version, description: 'The API of the console.' },
  });
  for (const path of ['/api/*', '/ingest/*']) {
    app.all(path, () => {
      throw notFound('such call');
    });
  }
  app.onError((error, context) => {
    const problem = problemOf(error);
    // Who asked has left: what was begun for him ended for that, and nobody reads the answer.
    const isLeft = context.req.raw.signal.aborted;
    if (problem.status === 500 && !isLeft) options.onFailure(error);
    for (const [name, value] of headers) context.header(name, value);
    return context.body(JSON.stringify(problem), problem.status, { 'content-type': 'application/problem+json' });
  });
  return app;
}

function tooLarge(): never {
  throw new ApiError(413, `bodies have at most ${MOST_BODY_BYTES} bytes`);
}

type AnyHandler = (asked: Asked<Call>) => Promise<unknown>;

interface Mounting extends ApiOptions {
  readonly console: ConsoleHost;
  readonly dashboards: Dashboards;
}

function mount(app: OpenAPIHono, call: Call, endpoint: Endpoint, handler: AnyHandler, mounting: Mounting): void {
  const [method = '', template = ''] = call.split(' ');
  const path = BASE + template;
  document(app, method, path, endpoint);
  app.on(method, path.replaceAll(/\{(\w+)\}/g, ':$1'), async (context) => {
    const identity = await mounting.identify(context);
    const asked = await parse(context, endpoint, identity);
    const noted = { detail: '' };
    const audited = async (outcome: 'done' | 'refused' | 'failed'): Promise<void> => {
      if (endpoint.role === 'viewer' || /\/(?:test|check)$/.test(template)) return;
      const { name } = asked.parameters as { readonly name?: string };
      const created = (asked.body as { readonly name?: string } | undefined)?.name;
      const instance = await mounting.console.instance(name ?? created ?? '').catch(() => null);
      const action = `${method} ${context.req.path.slice(BASE.length)}`;
      const at = instance?.host.clock.timestamp();
      if (instance === null || at === undefined) return;
      await instance.audit.append({ at, by: identity.user, action, detail: noted.detail, outcome });
    };
    if (!mayDo(identity, endpoint.role)) {
      await audited('refused');
      throw new ApiError(403, `${identity.user} may look, and change nothing`, { remedy: 'Ask an operator.' });
    }
    try {
      const answer = await handler({ ...asked, note: (detail) => (noted.detail = detail) });
      await audited('done');
      // Who changed something sees it at the next look.
      if (endpoint.role === 'operator') mounting.dashboards.forget(context.req.param('name') ?? '');
      const checked = mounting.checkAnswers === true ? endpoint.answer.parse(answer) : answer;
      return context.json(checked as object, endpoint.status ?? 200);
    } catch (error) {
      await audited(problemOf(error).status < 500 ? 'refused' : 'failed');
      throw error;
    }
  });
}

async function parse(context: Context, endpoint: Endpoint, identity: Identity): Promise<Omit<Asked<Call>, 'note'>> {
  const query: unknown = parsed(endpoint.query ?? z.strictObject({}), context.req.query(), 400, 'the query');
  const body: unknown =
    endpoint.body === undefined ? undefined : parsed(endpoint.body, await json(context), 422, 'the body');
  const parameters = context.req.param() as Readonly<Record<string, string>>;
  return { parameters, query: query as never, body: body as never, identity, signal: context.req.raw.signal };
}

async function json(context: Context): Promise<unknown> {
  try {
    return await context.req.json();
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError(400, 'the body is not JSON');
  }
}

function parsed(schema: z.ZodType, value: unknown, status: 400 | 422, what: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ApiError(status, `${what} is not as it should be`, { problems: schemaProblems(result.error) });
}

function document(app: OpenAPIHono, method: string, path: string, endpoint: Endpoint): void {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  const content = (type: string, schema: z.ZodType) => ({ [type]: { schema } });
  app.openAPIRegistry.registerPath({
    method: method.toLowerCase() as 'get',
    path,
    summary: endpoint.summary,
    description: endpoint.role === 'viewer' ? 'Role: viewer.' : 'Role: operator.',
    request: {
      ...(names.length === 0
        ? {}
        : { params: z.strictObject(Object.fromEntries(names.map((name) => [name, z.string()]))) }),
      ...(endpoint.query === undefined ? {} : { query: endpoint.query }),
      ...(endpoint.body === undefined
        ? {}
        : { body: { required: true, content: content('application/json', endpoint.body) } }),
    },
    responses: {
      [endpoint.status ?? 200]: { description: 'Done.', content: content('application/json', endpoint.answer) },
      default: { description: 'What went wrong.', content: content('application/problem+json', problemDocument) },
    },
  });
}
