import type { OpenAPIHono } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import type { ConsoleHost, ConsoleInstance } from '../console-host.ts';
import type { Dashboards } from '../dashboard/dashboards.ts';
import { ApiError } from '../problems/api-error.ts';
import { liveEvent, type LiveEvent } from '../schemas/live.ts';
import type { Identify } from '../security/identity.ts';
import { findInstance } from './find-instance.ts';

const LOOK_MILLISECONDS = 1000;
/** After so long without an event a comment is sent, so that nobody between takes the connection for dead. */
const SILENCE_MILLISECONDS = 15_000;
const LINES = 200;
/** So many may look at once; more than that are told to poll. */
const MOST_STREAMS = 50;

export function liveRoute(
  app: OpenAPIHono,
  console: ConsoleHost,
  {
    base,
    identify,
    dashboards,
  }: { readonly base: string; readonly identify: Identify; readonly dashboards: Dashboards },
): void {
  app.openAPIRegistry.registerPath({
    method: 'get',
    path: `${base}/instances/{name}/live`,
    summary: 'Server-sent events: the dashboard, operations and log lines as they change.',
    description: 'Role: viewer. 404 where answers cannot stream: see `live` of `GET /session`.',
    responses: { 200: { description: 'Events.', content: { 'text/event-stream': { schema: liveEvent } } } },
  });
  const streams = { open: 0 };
  app.get(`${base}/instances/:name/live`, async (context) => {
    await identify(context);
    const instance = await findInstance(console, { name: context.req.param('name') });
    if (console.live !== 'events')
      throw new ApiError(404, 'answers do not stream here', { remedy: 'Ask for the dashboard again and again.' });
    if (streams.open >= MOST_STREAMS)
      throw new ApiError(503, 'too many look at once', { remedy: 'Ask for the dashboard again and again.' });
    streams.open++;
    return streamSSE(context, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => {
        gone.abort();
      });
      try {
        let silent = 0;
        for await (const events of liveEvents(instance, dashboards, gone.signal)) {
          for (const { tag, ...data } of events) await stream.writeSSE({ event: tag, data: JSON.stringify(data) });
          silent = events.length === 0 ? silent + LOOK_MILLISECONDS : 0;
          if (silent < SILENCE_MILLISECONDS) continue;
          silent = 0;
          await stream.write(': still here\n\n');
        }
      } finally {
        streams.open--;
      }
    });
  });
}

/** What has changed since the last look, once a second; ends when the signal aborts. */
export async function* liveEvents(
  instance: ConsoleInstance,
  dashboards: Dashboards,
  signal: AbortSignal,
): AsyncIterable<LiveEvent[]> {
  const sent = { dashboard: '', operations: new Map<string, string>(), line: null as string | null };
  const filter = { kind: null, search: null, level: null };
  sent.line = (await instance.logs.read(filter, { after: null, before: null, limit: 1 })).last;
  while (!signal.aborted) {
    const events: LiveEvent[] = [];
    const dashboard = await dashboards.of(instance);
    // The moment alone is no change.
    const text = JSON.stringify({ ...dashboard, generated: null });
    if (text !== sent.dashboard) events.push({ tag: 'dashboard', dashboard });
    sent.dashboard = text;
    for (const operation of await instance.operations.list(null, 3)) {
      const state = JSON.stringify(operation);
      if (sent.operations.get(operation.id) !== state) events.push({ tag: 'operation', operation });
      sent.operations.set(operation.id, state);
    }
    const { items, last } = await instance.logs.read(filter, { after: sent.line ?? '', before: null, limit: LINES });
    if (items.length > 0) events.push({ tag: 'log', lines: items });
    sent.line = last ?? sent.line;
    yield events;
    await instance.host.clock.sleep(LOOK_MILLISECONDS, signal).catch(() => undefined);
  }
}
