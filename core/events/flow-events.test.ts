import { expect, test } from 'vitest';
import { APPENDIX } from '../../test/fixtures/flow-events-appendix.ts';
import type { PenstockEvent } from './event.ts';
import {
  attributesOf,
  deltaRun,
  emitBatch,
  emitError,
  emitLogfile,
  emitTable,
  FLOW_EVENT_TYPES,
  flowEventSchema,
  type FlowEventType,
} from './flow-events.ts';

const NOW = '2026-11-21T09:00:00.123456Z';

type Flags = Readonly<Record<string, Readonly<Record<string, boolean>>>>;

/** Event → attribute → whether it is a metric. */
function appendix(): Flags {
  const found: Record<string, Record<string, boolean>> = {};
  for (const section of APPENDIX.trim().split('\n\n')) {
    const [title = '', ...lines] = section.split('\n');
    const attributes: Record<string, boolean> = {};
    for (const [name = '', flag] of lines.map((line) => line.split('\t'))) attributes[name] = flag === 'Y';
    found[title.replace('Event: ', '')] = attributes;
  }
  return found;
}

test('the events have exactly the attributes of the appendix, and its metric flags', () => {
  const own: Record<string, Record<string, boolean>> = {};
  for (const type of FLOW_EVENT_TYPES) {
    const flags: Record<string, boolean> = {};
    for (const [name, { metric }] of attributesOf(type)) flags[name] = metric;
    own[type] = flags;
  }
  expect(own).toEqual(appendix());
  expect(Object.keys(appendix())).toHaveLength(7);
});

/** What each function that emits makes. */
function emitted(): PenstockEvent[] {
  const events: PenstockEvent[] = [];
  const host = { clock: { timestamp: () => NOW }, events: { emit: (event: PenstockEvent) => void events.push(event) } };
  const source = { success: true, message: '', sourceTS: NOW, sourceInserts: 1, sourceUpdates: 0, sourceDeletes: 0 };
  emitTable(host, 'shop', 'public.orders', { type: 'TableExtracted', ...source });
  const destination = { destInserts: 1, destUpdates: 0, destDeletes: 0 };
  emitTable(host, 'shop', 'public.orders', { type: 'TableLoaded', ...source, ...destination });
  const batch = { ...deltaRun(7, NOW), message: '', tableErrors: 0, tableTotals: 1 };
  emitBatch(host, 'shop', 'ExtractCompleted', batch);
  emitBatch(host, 'shop', 'LoadCompleted', { ...batch, tableErrors: 1 });
  const times = { CurrentDBDate: NOW, parseComplete: NOW, sourceDate: NOW };
  emitLogfile(host, 'shop', { fileSeq: 12, file: 'arch_12.log', dictLoadMS: 12.5, parseMS: 3, ...times });
  emitError(host, 'shop', 'HaltError', { message: 'gone', errorId: 'PS2006' });
  emitError(host, 'shop', 'RetryError', { message: 'away', errorId: 'PS4001' });
  return events;
}

test('what is emitted is of its schema; one attribute more or less, or another form, is not', () => {
  const events = emitted();
  expect(new Set(events.map(({ type }) => type))).toEqual(new Set(FLOW_EVENT_TYPES));
  for (const event of events) {
    const schema = flowEventSchema(event.type as FlowEventType);
    expect(schema.safeParse(event).error).toBeUndefined();
    expect(schema.safeParse({ ...event, pipeline: 'shop' }).success).toBe(false);
    for (const name of Object.keys(event)) {
      expect(schema.safeParse({ ...event, [name]: undefined }).success).toBe(false);
    }
    expect(schema.safeParse({ ...event, generated: '2026-11-21 09:00:00' }).success).toBe(false);
  }
});

test('a batch with a table that has an error did not succeed', () => {
  const batches = emitted().flatMap((event) => ('jobType' in event ? [[event.jobType, event.success]] : []));
  expect(batches).toEqual([
    ['EXTRACT', 'Y'],
    ['LOAD', 'N'],
  ]);
});
