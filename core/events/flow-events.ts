import * as z from 'zod';
import type { Timestamp } from '../changes/timestamp.ts';
import type { Clock } from '../host/host.ts';
import type { EventSink } from './event.ts';

/**
 * The events of SingleStore Flow Ingest, with exactly its attributes: what was built on them keeps working. What Penstock knows beyond
 * them is in events of its own, see event.ts. docs/generated/events.md is made from these tables.
 */

interface Attribute<Schema extends z.ZodType> {
  readonly schema: Schema;
  /** Whether it is a number to make a metric of. */
  readonly metric: boolean;
  readonly description: string;
}

type Attributes = Readonly<Record<string, Attribute<z.ZodType>>>;

function plain<Schema extends z.ZodType>(schema: Schema, description: string): Attribute<Schema> {
  return { schema, metric: false, description };
}

const timestamp = z.iso.datetime({ precision: 6 });
const yesOrNo = z.enum(['Y', 'N']);

function count(description: string) {
  return { schema: z.int().nonnegative(), metric: true, description };
}

function milliseconds(description: string) {
  return { schema: z.number().nonnegative(), metric: true, description };
}

/** What every event begins with. */
function beginning<Type extends string>(type: Type) {
  return {
    type: plain(z.literal(type), `\`${type}\``),
    generated: plain(timestamp, 'Time of the message, UTC.'),
    source: plain(z.string().min(1), 'Name of the instance: the pipeline.'),
    sourceType: plain(z.literal('CDC'), '`CDC`'),
  };
}

const table = {
  subType: plain(z.string().min(1), 'Name of the table.'),
  tabName: plain(z.string().min(1), 'Name of the table, as in `subType`.'),
  success: plain(z.boolean(), '`true` or `false`.'),
  message: plain(z.string(), 'Status message; empty where there is nothing to say.'),
  sourceTS: plain(timestamp, 'Source date and time: commit of the last change, or when the copied rows were read.'),
  sourceInserts: count('Inserts at the source, before changes of one row were combined; rows, of a copied table.'),
  sourceUpdates: count('Updates at the source.'),
  sourceDeletes: count('Deletes at the source.'),
};

const batch = {
  success: plain(yesOrNo, '`Y`, or `N` where a table has an error.'),
  message: plain(z.string(), 'Status message; empty where there is nothing to say.'),
  runId: plain(z.string().min(1), 'Run: the number of the extract, or the identifier of a full extract.'),
  sourceDate: plain(timestamp, 'Source date: commit of the last change, or the begin of a full extract.'),
  dbDate: plain(timestamp, 'Current date, by the clock of who wrote the event: a query at the source would be load.'),
  fromSeq: plain(
    z.int().nonnegative(),
    'First file (extract) of the batch; of a full extract, the one that it stands at.',
  ),
  toSeq: plain(z.int().nonnegative(), 'Last file (extract) of the batch.'),
  extractId: plain(z.string().min(1), 'Run of the extract.'),
  tableErrors: count('Tables with an error.'),
  tableTotals: count('All tables.'),
};

const jobSubType = z.enum(['FULL', 'SYNC_NEW', 'DELTA']);
export type JobSubType = z.infer<typeof jobSubType>;

const error = {
  message: plain(z.string().min(1), 'Error message.'),
  errorId: plain(z.string().min(1), 'Short identifier: the code of docs/generated/error-codes.md.'),
};

export const FLOW_EVENTS = {
  LogfileProcessed: {
    description: 'Archive log file processed (Oracle only)',
    attributes: {
      ...beginning('LogfileProcessed'),
      fileSeq: plain(z.int().nonnegative(), 'File sequence.'),
      file: plain(z.string().min(1), 'Name of the file.'),
      dictLoadMS: milliseconds('Time taken to load the dictionary, in milliseconds.'),
      CurrentDBDate: plain(timestamp, 'Current date of the database.'),
      CurrentServerDate: plain(timestamp, 'Current date of the server that reads.'),
      parseMS: milliseconds('Time taken to parse the file, in milliseconds.'),
      parseComplete: plain(timestamp, 'When parsing was complete.'),
      sourceDate: plain(timestamp, 'Source date.'),
    },
  },
  TableExtracted: {
    description: 'Extraction of a source table complete (initial extracts only)',
    attributes: { ...beginning('TableExtracted'), ...table },
  },
  ExtractCompleted: {
    description: 'Extraction batch complete',
    attributes: {
      ...beginning('ExtractCompleted'),
      jobType: plain(z.literal('EXTRACT'), '`EXTRACT`'),
      jobSubType: plain(jobSubType, 'Kind of extract: `FULL`, `SYNC_NEW` (of some tables) or `DELTA`.'),
      ...batch,
    },
  },
  TableLoaded: {
    description: 'Load of a destination table complete',
    attributes: {
      ...beginning('TableLoaded'),
      ...table,
      destInserts: count('Inserts at the destination.'),
      destUpdates: count('Updates at the destination.'),
      destDeletes: count('Deletes at the destination.'),
    },
  },
  LoadCompleted: {
    description: 'All loads of destination tables in a batch complete',
    attributes: {
      ...beginning('LoadCompleted'),
      jobType: plain(z.literal('LOAD'), '`LOAD`'),
      jobSubType: plain(jobSubType, 'Kind of load, as of its extract.'),
      ...batch,
    },
  },
  HaltError: {
    description: 'Unrecoverable error: the work stopped',
    attributes: { ...beginning('HaltError'), ...error },
  },
  RetryError: {
    description: 'Error, but the work will be tried again',
    attributes: { ...beginning('RetryError'), ...error },
  },
} as const satisfies Readonly<Record<string, { readonly description: string; readonly attributes: Attributes }>>;

export type FlowEventType = keyof typeof FLOW_EVENTS;
export const FLOW_EVENT_TYPES = Object.keys(FLOW_EVENTS) as FlowEventType[];

type Values<Of extends Attributes> = { readonly [Name in keyof Of]: z.infer<Of[Name]['schema']> };
type FlowEventOf<Type extends FlowEventType> = Values<(typeof FLOW_EVENTS)[Type]['attributes']>;
export type FlowEvent = { [Type in FlowEventType]: FlowEventOf<Type> }[FlowEventType];

/** In the order of the appendix. */
export function attributesOf(type: FlowEventType): [name: string, attribute: Omit<Attribute<z.ZodType>, 'schema'>][] {
  const attributes: Attributes = FLOW_EVENTS[type].attributes;
  return Object.entries(attributes);
}

/** All attributes of an event, and no other. */
export function flowEventSchema(type: FlowEventType): z.ZodType {
  const attributes: Attributes = FLOW_EVENTS[type].attributes;
  return z.strictObject(Object.fromEntries(Object.entries(attributes).map(([name, { schema }]) => [name, schema])));
}

type Constant = 'type' | 'generated' | 'source' | 'sourceType';

export function isFlowEvent(event: { readonly type: string }): event is FlowEvent {
  return Object.hasOwn(FLOW_EVENTS, event.type);
}

interface Emitting {
  readonly clock: Pick<Clock, 'timestamp'>;
  readonly events: EventSink;
}

/** A table's extraction or load: `table` fills both attributes that name it. */
export function emitTable(
  host: Emitting,
  pipeline: string,
  tableName: string,
  rest: DistributiveOmit<FlowEventOf<'TableExtracted'> | FlowEventOf<'TableLoaded'>, Filled>,
): void {
  const generated = host.clock.timestamp();
  const filled = { generated, source: pipeline, sourceType: 'CDC', subType: tableName, tabName: tableName } as const;
  // What people look for first comes first.
  host.events.emit(Object.assign({ type: rest.type }, filled, rest));
}

type Filled = Exclude<Constant, 'type'> | 'subType' | 'tabName';
type DistributiveOmit<Of, Names extends PropertyKey> = Of extends unknown ? Omit<Of, Names> : never;

/** What the source knows of a log file that was read. */
export type ProcessedLogfile = Omit<FlowEventOf<'LogfileProcessed'>, Constant | 'CurrentServerDate'>;

/** `CurrentServerDate` is the time of the event. */
export function emitLogfile(host: Emitting, pipeline: string, file: ProcessedLogfile): void {
  const generated = host.clock.timestamp();
  const first = { generated, source: pipeline, sourceType: 'CDC' } as const;
  host.events.emit({ type: 'LogfileProcessed', ...first, ...file, CurrentServerDate: generated });
}

export const NO_CHANGES = { sourceInserts: 0, sourceUpdates: 0, sourceDeletes: 0 } as const;

/** `dbDate` is the time of the event. */
export function emitBatch(
  host: Emitting,
  pipeline: string,
  type: 'ExtractCompleted' | 'LoadCompleted',
  rest: Omit<FlowEventOf<'ExtractCompleted'>, Constant | 'jobType' | 'dbDate' | 'success'>,
): void {
  const generated = host.clock.timestamp();
  const first = { generated, source: pipeline, sourceType: 'CDC' } as const;
  const more = { success: rest.tableErrors === 0 ? 'Y' : 'N', dbDate: generated, ...rest } as const;
  if (type === 'ExtractCompleted') host.events.emit({ type, ...first, jobType: 'EXTRACT', ...more });
  else host.events.emit({ type, ...first, jobType: 'LOAD', ...more });
}

/** What says which extract a delta's events are about: each is a run of its own. `sourceDate`: commit of its last change. */
export function deltaRun(extract: number, sourceDate: Timestamp) {
  const runId = String(extract);
  return { jobSubType: 'DELTA', runId, extractId: runId, fromSeq: extract, toSeq: extract, sourceDate } as const;
}

export function emitError(
  host: Emitting,
  pipeline: string,
  type: 'HaltError' | 'RetryError',
  { message, errorId }: { readonly message: string; readonly errorId: string },
): void {
  const generated = host.clock.timestamp();
  host.events.emit({ type, generated, source: pipeline, sourceType: 'CDC', message, errorId });
}
