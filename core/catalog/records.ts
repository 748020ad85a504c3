import * as z from 'zod';
import { PenstockError } from '../errors/penstock-error.ts';
import { closePosition, printClose, readClose } from './close-positions.ts';
import { copiedSettings } from './copied-settings.ts';
import type { Item, JsonObject } from './item-table.ts';

/** What the catalog keeps, as it is stored. Every record is parsed when it is read. */

const position = z.strictObject({ lineage: z.string(), order: z.string(), resume: z.string() });

/** Where the pipeline's log reading stands; an extract is visible when its number is at most `lastExtract`. */
export const headRecord = z.strictObject({
  /** 0 before the first. */
  lastExtract: z.int().nonnegative(),
  /** Everything up to here is in visible extracts; null before the first full extract. */
  position: position.nullable(),
  /** The reader lease's epoch that wrote it last. */
  epoch: z.int().nonnegative(),
  token: z.string(),
});
export type HeadRecord = z.infer<typeof headRecord>;

/** One object of an extract; most extracts have one, a transaction larger than memory has more. */
export const pieceReference = z.strictObject({
  key: z.string(),
  /** Bytes of the object. */
  size: z.int().positive(),
  /** Where its manifest lies in it. */
  manifestOffset: z.int().nonnegative(),
  manifestLength: z.int().positive(),
  manifestSha256: z.string(),
});
export type PieceReference = z.infer<typeof pieceReference>;

const storedExtract = z.strictObject({
  number: z.int().positive(),
  from: position,
  to: closePosition,
  /** The last piece; its manifest lists the pieces before it. */
  object: pieceReference,
  rows: z.int().nonnegative(),
  /** Bytes of all pieces. */
  bytes: z.int().nonnegative(),
  tables: z.int().nonnegative(),
  /** Commit time at the source of its last transaction. */
  sourceDate: z.string(),
  /** When the first change of it came to the reader, and how long that was after its commit, in milliseconds; null: not known. */
  startedAt: z.string().nullable().default(null),
  dbDelay: z.int().nonnegative().default(0),
  createdAt: z.string(),
  /** When its files, which had expired, were made again from the source's log. */
  madeAgainAt: z.string().exactOptional(),
  epoch: z.int().nonnegative(),
  token: z.string(),
});

export const extractRecord = storedExtract.transform((stored) => ({
  ...stored,
  to: readClose(stored.from, stored.to),
}));
export type ExtractRecord = z.output<typeof extractRecord>;

export function printExtract(record: ExtractRecord): JsonObject & { readonly token: string } {
  return { ...record, to: printClose(record.from, record.to) } satisfies z.input<typeof storedExtract>;
}

const columnType = z.discriminatedUnion('tag', [
  z.strictObject({ tag: z.literal('boolean') }),
  z.strictObject({
    tag: z.literal('integer'),
    bits: z.union([z.literal(8), z.literal(16), z.literal(24), z.literal(32), z.literal(64)]),
    unsigned: z.boolean(),
  }),
  z.strictObject({ tag: z.literal('decimal'), precision: z.int(), scale: z.int() }),
  z.strictObject({ tag: z.literal('double') }),
  z.strictObject({ tag: z.literal('date') }),
  z.strictObject({ tag: z.literal('time'), fraction: z.int() }),
  z.strictObject({ tag: z.literal('datetime'), fraction: z.int() }),
  z.strictObject({ tag: z.literal('text'), maxCharacters: z.int().nullable() }),
  z.strictObject({ tag: z.literal('binary'), maxBytes: z.int().nullable() }),
]);

/** A table's structure as it is stored in manifests and table records. */
export const storedSchema = z.strictObject({
  table: z.strictObject({ schema: z.string(), name: z.string() }),
  columns: z
    .array(
      z.strictObject({
        name: z.string(),
        sourceId: z.string().exactOptional(),
        type: columnType,
        nullable: z.boolean(),
        sourceType: z.string(),
        backfill: z.string().nullable(),
        backfillUnknown: z.literal(true).exactOptional(),
      }),
    )
    .readonly(),
  identity: z.discriminatedUnion('tag', [
    z.strictObject({ tag: z.literal('key'), columns: z.array(z.string()).readonly() }),
    z.strictObject({ tag: z.literal('row') }),
  ]),
  fingerprint: z.string(),
});

export const chunkRange = z.discriminatedUnion('tag', [
  z.strictObject({
    tag: z.literal('key'),
    column: z.string(),
    compareAs: z.enum(['number', 'bytes']),
    after: z.string().nullable(),
    upTo: z.string().nullable(),
  }),
  z.strictObject({ tag: z.literal('pages'), from: z.string(), to: z.string().nullable() }),
  z.strictObject({ tag: z.literal('whole') }),
]);

/** A table's life: `new` → `copying` → `following`, and `stopped` from each of them until somebody mends it. */
export const tableState = z.discriminatedUnion('tag', [
  z.strictObject({ tag: z.literal('new') }),
  z.strictObject({ tag: z.literal('copying') }),
  z.strictObject({ tag: z.literal('following') }),
  z.strictObject({
    tag: z.literal('stopped'),
    code: z.string(),
    message: z.string(),
    remedy: z.string(),
    since: z.string(),
  }),
]);
export type TableState = z.infer<typeof tableState>;

export const tableRecord = z.strictObject({
  table: z.string(),
  state: tableState,
  /** Number of the copy that is or was made last; 0: never copied. */
  generation: z.int().nonnegative(),
  /** The structure that the destination table has; null before the first copy. */
  schema: storedSchema.nullable(),
  /** The extract that brought this structure; 0: the copy has it; the greatest safe integer: none did yet. */
  structureSince: z.int().nonnegative(),
  /** Fingerprints that the table had before: parts of extracts before `structureSince` may have them. */
  olderFingerprints: z.array(z.string()),
  /** Columns that got other names: parts of older structures have the first ones. In order. */
  renames: z.array(z.strictObject({ from: z.string(), to: z.string() })).default([]),
  /** Columns that the source dropped: parts of older structures have them, and none of that name can be added where the destination still has it. */
  keptColumns: z.array(z.string()).default([]),
  /** What it becomes when the destination has decided to make it anew under another key, see loads/apply-structure; null: nothing was begun. */
  rebuild: z
    .strictObject({
      schema: storedSchema,
      olderFingerprints: z.array(z.string()),
      renames: z.array(z.strictObject({ from: z.string(), to: z.string() })),
      keptColumns: z.array(z.string()),
    })
    .nullable()
    .default(null),
  /** Until the log has passed these places, changes that the copy holds already are left out. */
  marks: z.array(z.strictObject({ range: chunkRange, order: z.string() })),
  /** Rows of the last copy. */
  copiedRows: z.int().nonnegative(),
  /** The full extract that copies or copied it last; empty: none. */
  run: z.string(),
  /** The settings that it is or was copied with; null: not known. */
  copied: copiedSettings.nullable().default(null),
  /** How many chunks the running copy was cut into; null: it is not cut yet, or no copy runs. */
  chunks: z.int().nonnegative().nullable(),
  /** Where the log is read beside the copy: the extract behind which the copy joins it; null: the log stands still, or no copy runs. */
  joinsAfter: z.int().nonnegative().nullable().default(null),
  /** The loader lease's epoch that wrote it last: a process that was paused cannot write over its successor. */
  epoch: z.int().nonnegative(),
});
export type TableRecord = z.infer<typeof tableRecord>;

/** A table that was chosen and never copied. */
export function newTableRecord(table: string): TableRecord {
  return {
    table,
    state: { tag: 'new' },
    generation: 0,
    schema: null,
    structureSince: 0,
    olderFingerprints: [],
    renames: [],
    keptColumns: [],
    rebuild: null,
    marks: [],
    copiedRows: 0,
    run: '',
    copied: null,
    chunks: null,
    joinsAfter: null,
    epoch: 0,
  };
}

/** One chunk of a running copy. */
export const chunkRecord = z.strictObject({
  index: z.int().nonnegative(),
  range: chunkRange,
  state: z.discriminatedUnion('tag', [
    z.strictObject({ tag: z.literal('waiting') }),
    /** `order`: the place of the snapshot that it is read at. */
    z.strictObject({ tag: z.literal('taken'), owner: z.string(), until: z.number(), order: z.string() }),
    z.strictObject({
      tag: z.literal('extracted'),
      key: z.string(),
      misfitsKey: z.string().nullable(),
      rows: z.int().nonnegative(),
      bytes: z.int().nonnegative(),
      /** The snapshot's place and time: see CopyMark. */
      order: z.string(),
      takenAt: z.string(),
      /** A report: whether the destination has it is in the destination's ledger. */
      loaded: z.boolean().default(false),
    }),
    /** It cannot be read or loaded, and with it its table: the error that the table stops with. */
    z.strictObject({ tag: z.literal('failed'), code: z.string(), message: z.string(), remedy: z.string() }),
  ]),
});
export type ChunkRecord = z.infer<typeof chunkRecord>;

/** A full extract, or a copy of new tables, under way: which tables it copies, so that a restart goes on with the same ones. */
export const fullExtractRecord = z.strictObject({
  run: z.string(),
  startedAt: z.string(),
  state: z.enum(['running', 'done']),
  tables: z.array(z.string()),
  /** Its snapshot, which a source may give once more; null: none was taken yet, or it turned out to be gone. */
  snapshot: z.strictObject({ position, takenAt: z.string() }).nullable().default(null),
  /** Copy workers of this attempt and of those before have all ended; where one process copies, 0. */
  workersEnded: z.int().nonnegative().default(0),
});
export type FullExtractRecord = z.infer<typeof fullExtractRecord>;

export const leaseRecord = z.strictObject({
  owner: z.string(),
  epoch: z.int().positive(),
  /** Milliseconds since 1970. */
  until: z.number(),
  /** Another owner waits for it: the holder gives it back at its next renewal, and until this time nobody else may take it. */
  wanted: z.strictObject({ by: z.string(), until: z.number() }).nullable().default(null),
  /** Until this time somebody waits to hear how far the holder, a reader, has come. */
  placeWantedUntil: z.number().default(0),
  token: z.string(),
});
export type LeaseRecord = z.infer<typeof leaseRecord>;

const bytes = z.number().nonnegative().nullable();

/** How the reader stands, as it said last; written about once a minute by who reads the log, or waits to. */
export const readerStatusRecord = z.strictObject({
  owner: z.string(),
  at: z.string(),
  /** `waiting`: for a first full extract, for an operation, or for another reader. `halted`: until somebody mends it. */
  state: z.enum(['following', 'waiting', 'halted']),
  /** Why it waits or was halted; empty while it follows. */
  reason: z.string(),
  remedy: z.string(),
  lastExtract: z.int().nonnegative(),
  loaded: z.int().nonnegative(),
  /** Commit time at the source of the last change that was extracted; null: there was none. */
  sourceDate: z.string().nullable(),
  /** Age of the oldest change that is extracted and not loaded; 0: all is loaded. */
  lagMilliseconds: z.number().nonnegative(),
  /** Of the disk for temporary files; null: not known. */
  diskFreeBytes: bytes,
  memoryUsedBytes: bytes,
  /** Null: there is no limit but the machine's. */
  memoryLimitBytes: bytes,
  /** The log at the source, see LogHealth; null: not known, or without a limit. */
  retainedBytes: bytes,
  headroomBytes: bytes,
  expiresAt: z.string().nullable(),
});
export type ReaderStatusRecord = z.infer<typeof readerStatusRecord>;

/** An alarm of a pipeline's health that is raised. */
export const raisedAlarm = z.strictObject({
  /** Its name; see operations/health/rules. */
  alarm: z.string(),
  since: z.string(),
  message: z.string(),
  /** How many looks in a row found nothing wrong any more. */
  cleanLooks: z.int().nonnegative(),
});
export type RaisedAlarm = z.infer<typeof raisedAlarm>;

export const healthRecord = z.strictObject({ alarms: z.array(raisedAlarm) });
export type HealthRecord = z.infer<typeof healthRecord>;

/** Which run of the schedule was made last: everything that was due up to here is served. */
export const scheduleRecord = z.strictObject({
  served: z.string(),
  /** The run that was started elsewhere and has not ended well; operations/scheduled-runs. */
  run: z
    .strictObject({ due: z.string(), attempt: z.int().positive(), state: z.enum(['started', 'failed']) })
    .exactOptional(),
});
export type ScheduleRecord = z.infer<typeof scheduleRecord>;

/** An item's value as a record. @throws PenstockError PS3006 when it is not one */
export function parseRecord<Record>(schema: z.ZodType<Record>, item: Item): Record {
  const parsed = schema.safeParse(item.value);
  if (!parsed.success) {
    throw new PenstockError(
      'PS3006',
      `item ${item.key.sort} of ${item.key.partition} cannot be read: ${z.prettifyError(parsed.error)}`,
    );
  }
  return parsed.data;
}
