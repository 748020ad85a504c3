import { z, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { Catalog } from '../../../core/catalog/catalog.ts';
import { schedulerStanding } from '../../../core/operations/scheduling/scheduler.ts';
import { tableId } from '../../../core/changes/table-name.ts';
import { candidateSettings } from '../configuration/candidate-settings.ts';
import { completeSettings, mappingAt, parsedConfiguration } from '../configuration/parsed-configuration.ts';
import { writtenSection } from '../configuration/edit-section.ts';
import { saveSection } from '../configuration/save-section.ts';
import { saveTables } from '../configuration/save-tables.ts';
import { writtenTables } from '../configuration/edit-tables.ts';
import type { ConsoleHost, ConsoleInstance } from '../console-host.ts';
import { ApiError, notFound } from '../problems/api-error.ts';
import { problemOf } from '../problems/problem-document.ts';
import type { OperationRequest } from '../schemas/operations.ts';
import { jsonValue } from '../schemas/values.ts';
import { mayDo, type Identify } from '../security/identity.ts';
import type { ListedTables } from '../tables/listed-tables.ts';
import { allTables } from '../tables/table-list.ts';
import { connectionOf, flagOf, flowValues, pairsOf, type FlowPair } from './flow-names.ts';
import { flowSchedule, SCHEDULE_NAMES, scheduleSection } from './flow-schedule.ts';
import { tableOf } from './flow-table.ts';

export const FLOW_BASE = '/ingest/api/ingest';
/** Names that were sent and mean nothing here. They are kept and given back. */
const UNKNOWN_HEADER = 'penstock-unknown-names';

export interface FlowOptions {
  readonly identify: Identify;
  readonly lists: ListedTables;
  /** Something of the instance was changed. */
  readonly onChange: (name: string) => void;
}

type Respond = (instance: ConsoleInstance, context: Context) => Promise<Response>;
type Unknown = ReadonlyMap<string, FlowPair['value']>;

const ENDS = [
  ['conn-src', 'source'],
  ['conn-dst', 'destination'],
] as const;

const OPERATIONS: Readonly<Record<string, OperationRequest>> = {
  full: { kind: 'full-extract' },
  syncnew: { kind: 'sync-new-tables' },
  syncstruct: { kind: 'sync-structure' },
  delta: { kind: 'manual-delta' },
};

/** The calls that scripts for the vendor's product make, against one instance. */
export function flowRoutes(app: OpenAPIHono, console: ConsoleHost, { identify, lists, onChange }: FlowOptions): void {
  const route = (method: 'get' | 'patch' | 'post', path: string, summary: string, respond: Respond): void => {
    document(app, method, path, summary);
    app.on(method.toUpperCase(), FLOW_BASE + path.replaceAll(/\{(\w+)\}/g, ':$1'), async (context) => {
      const identity = await identify(context);
      if (method !== 'get' && !mayDo(identity, 'operator'))
        throw new ApiError(403, `${identity.user} may change nothing`);
      const instance = await oneInstance(console, context.req.query('instance') ?? null);
      const response = await respond(instance, context);
      const at = instance.host.clock.timestamp();
      if (method === 'get' || path.endsWith('/test')) return response;
      onChange(instance.name);
      const action = `${method.toUpperCase()} ${context.req.path}`;
      await instance.audit.append({
        at,
        by: identity.user,
        action,
        detail: '',
        outcome: response.ok ? 'done' : 'refused',
      });
      return response;
    });
  };
  for (const [path, section] of ENDS) connectionRoutes(route, path, section);
  route('get', '/config-sched', 'The schedule.', async (instance, context) =>
    context.json(await scheduleNow(instance)),
  );
  route('patch', '/config-sched', 'Changes the schedule, and switches the scheduler.', patchSchedule);
  route('get', '/list-db/{database}/{schema}', 'Tables of a schema.', async (instance, context) => {
    const parsed = parsedConfiguration(await instance.configuration.read());
    const listed = await lists.of(instance, parsed, false);
    if (listed.problem !== null) throw new ApiError(502, listed.problem.message, { remedy: listed.problem.remedy });
    const chosen = writtenTables(parsed.raw);
    const rows = allTables({ listed: listed.tables, chosen, records: new Map(), proofs: new Map() });
    const schema = context.req.param('schema');
    const found = rows.filter((row) => row.schema === schema);
    return context.json(found.map(({ id, name, selected }) => ({ id, name, selected })));
  });
  route('patch', '/config-tab/{database}/{schema}/{table}', 'Chooses a table and sets its options.', patchTable);
  route(
    'post',
    '/ops/extract/{operation}',
    'Starts an operation: full, syncnew, syncstruct or delta.',
    startOperation(identify),
  );
}

type Route = (method: 'get' | 'patch' | 'post', path: string, summary: string, respond: Respond) => void;

function connectionRoutes(route: Route, path: 'conn-src' | 'conn-dst', section: 'source' | 'destination'): void {
  const now = async ({ configuration, notes }: ConsoleInstance): Promise<FlowPair[]> => {
    const { raw } = parsedConfiguration(await configuration.read());
    return pairsOf(mappingAt(raw, section), (await notes.read()).kept[path] ?? {});
  };
  route('get', `/${path}`, `The ${section}, without its password.`, async (instance, context) =>
    context.json(await now(instance)),
  );
  route('patch', `/${path}`, `Changes the ${section}.`, async (instance, context) => {
    const { raw } = parsedConfiguration(await instance.configuration.read());
    const { value, password, unknown } = connectionOf(
      section,
      writtenSection(raw, section),
      flowValues(await body(context)),
    );
    // Scripts set a connection up in several calls: what is only missing may still come.
    const mayStay = ({ message }: { message: string }): boolean => message.endsWith('found nothing');
    await saveSection(instance, { section, value, passwords: { [section]: password }, version: null, mayStay });
    await keep(instance, path, unknown, context);
    return context.json(await now(instance));
  });
  route(
    'post',
    `/${path}/test`,
    `Tests the ${section}, with what is sent in place of what is saved.`,
    async (instance, context) => {
      try {
        const parsed = parsedConfiguration(await instance.configuration.read());
        const sent = flowValues(await body(context));
        const { value, password } = connectionOf(section, writtenSection(parsed.raw, section), sent);
        const passwords = { [section]: password };
        const settings = candidateSettings(parsed, section, { value, passwords });
        const findings = await instance[section].test(settings, passwords, context.req.raw.signal);
        const messages = findings.map(({ code, severity, message, remedy }) => ({
          topic: code,
          status: severity.toUpperCase(),
          message: remedy === null ? message : `${message} (${remedy})`,
        }));
        return context.json(tested(messages));
      } catch (error) {
        const { status, detail, problems } = problemOf(error);
        if (status >= 500) throw error;
        const told = problems.map(({ path: place, message }) => ({ topic: place.join('.'), status: 'ERROR', message }));
        return context.json(tested(told.length > 0 ? told : [{ topic: section, status: 'ERROR', message: detail }]));
      }
    },
  );
}

interface TestMessage {
  readonly topic: string;
  readonly status: string;
  readonly message: string;
}

function tested(messageList: readonly TestMessage[]): {
  success: boolean;
  status: string;
  messageList: readonly TestMessage[];
} {
  const success = messageList.every(({ status }) => status !== 'ERROR');
  return { success, status: success ? 'SUCCESS' : 'ERROR', messageList };
}

async function scheduleNow({ name, host, configuration, notes }: ConsoleInstance): Promise<object> {
  const { raw } = parsedConfiguration(await configuration.read());
  const { on } = await schedulerStanding(new Catalog(name, host));
  return { ...(await notes.read()).kept['config-sched'], ...flowSchedule(mappingAt(raw, 'schedule'), on) };
}

async function patchSchedule(instance: ConsoleInstance, context: Context): Promise<Response> {
  const { raw } = parsedConfiguration(await instance.configuration.read());
  const sent = flowValues(await body(context));
  const isScheduled = flagOf(sent.get('isscheduled'));
  const saved = mappingAt(raw, 'schedule');
  if ([...sent.keys()].some((name) => name !== 'isscheduled' && SCHEDULE_NAMES.has(name))) {
    await saveSection(instance, { section: 'schedule', value: scheduleSection(saved, sent), version: null });
  }
  if (isScheduled !== null) await instance.switchScheduler({ on: isScheduled, reason: '' });
  await keep(instance, 'config-sched', new Map([...sent].filter(([name]) => !SCHEDULE_NAMES.has(name))), context);
  return context.json(await scheduleNow(instance));
}

async function patchTable(instance: ConsoleInstance, context: Context): Promise<Response> {
  const { schema = '', table = '' } = context.req.param() as Readonly<Record<string, string>>;
  const id = tableId({ schema, name: table });
  const { select, options, unknown } = tableOf(flowValues(await body(context)));
  const change = { table: id, options, ...(select === null ? {} : { selected: select }) };
  await saveTables(instance, [select === false ? { table: id, selected: false } : change], null);
  await keep(instance, `config-tab/${id}`, unknown, context);
  const { raw } = parsedConfiguration(await instance.configuration.read());
  return context.json({ id, name: table, selected: writtenTables(raw).has(id) });
}

function startOperation(identify: Identify): Respond {
  return async (instance, context) => {
    const request = OPERATIONS[context.req.param('operation') ?? ''];
    if (request === undefined) throw notFound('such operation: full, syncnew, syncstruct or delta');
    try {
      const settings = completeSettings(parsedConfiguration(await instance.configuration.read()));
      const { user } = await identify(context);
      const { id } = await instance.operations.start(settings, request, user);
      return context.json({ success: true, message: `${request.kind} ${id} was started` });
    } catch (error) {
      const { status, detail, remedy } = problemOf(error);
      if (status >= 500) throw error;
      return context.json({ success: false, message: remedy === null ? detail : `${detail} ${remedy}` }, status as 409);
    }
  };
}

/** The instance that scripts mean: the only one, or the one that they name. @throws ApiError */
async function oneInstance(console: ConsoleHost, named: string | null): Promise<ConsoleInstance> {
  const names = named === null ? (await console.instances()).map(({ name }) => name) : [named];
  const [name, another] = names;
  if (another !== undefined) {
    throw new ApiError(409, `there are ${names.length} instances`, { remedy: 'Name one of them: ?instance=name.' });
  }
  const found = name === undefined ? null : await console.instance(name);
  if (found === null) throw notFound(name === undefined ? 'instance yet' : `instance ${name}`);
  return found;
}

async function keep({ notes }: ConsoleInstance, call: string, unknown: Unknown, context: Context): Promise<void> {
  if (unknown.size === 0) return;
  context.header(UNKNOWN_HEADER, [...unknown.keys()].map(encodeURIComponent).join(', '));
  const before = await notes.read();
  // A secret that was sent under a strange name is not kept in the clear.
  const harmless = [...unknown].filter(([name]) => !/pass|pwd|secret|token|key/i.test(name));
  const kept = { ...before.kept, [call]: { ...before.kept[call], ...Object.fromEntries(harmless) } };
  await notes.write({ ...before, kept });
}

async function body(context: Context): Promise<unknown> {
  const text = await context.req.text();
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(400, 'the body is not JSON');
  }
}

function document(app: OpenAPIHono, method: 'get' | 'patch' | 'post', path: string, summary: string): void {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name ?? '', z.string()]);
  app.openAPIRegistry.registerPath({
    ...{ method, path: FLOW_BASE + path, summary, tags: ['Flow Ingest API'] },
    request: {
      query: z.object({ instance: z.string().optional() }),
      ...(names.length === 0 ? {} : { params: z.object(Object.fromEntries(names) as Record<string, z.ZodString>) }),
      ...(method === 'get' ? {} : { body: { content: { 'application/json': { schema: jsonValue } } } }),
    },
    responses: { 200: { description: 'Done.', content: { 'application/json': { schema: jsonValue } } } },
  });
}
