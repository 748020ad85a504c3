import { bytesPerCharacter } from './character-sets.ts';
import type { Charsets } from './charset.ts';
import type { LoggedType } from './log-values.ts';
import { COLUMN_TYPE, type MappedColumn } from '../binlog/mapped-column.ts';
import type { SourceType } from './source-type.ts';

const INTEGER_BITS: ReadonlyMap<number, 8 | 16 | 24 | 32 | 64> = new Map([
  [COLUMN_TYPE.tiny, 8],
  [COLUMN_TYPE.short, 16],
  [COLUMN_TYPE.int24, 24],
  [COLUMN_TYPE.long, 32],
  [COLUMN_TYPE.longlong, 64],
]);
const BINARY = 'binary';

/**
 * The type that a column had when the log was written. `now`: what information_schema says of the column of its name, for what the log
 * leaves out: which fixed bytes are a UUID or an address, and without full metadata signs, character sets and labels.
 * @returns null where it cannot be told
 */
export function loggedSourceType(mapped: MappedColumn, now: SourceType | null, charsets: Charsets): SourceType | null {
  const bits = INTEGER_BITS.get(mapped.type);
  if (bits !== undefined) {
    const unsigned = mapped.unsigned ?? (now?.tag === 'integer' ? now.unsigned : null);
    return unsigned === null ? null : { tag: 'integer', bits, unsigned };
  }
  return calendarType(mapped, now) ?? plainType(mapped) ?? textType(mapped, now, charsets);
}

function calendarType({ type, metadata }: MappedColumn, now: SourceType | null): SourceType | null {
  switch (type) {
    case COLUMN_TYPE.year:
      return { tag: 'year' };
    case COLUMN_TYPE.date:
    case COLUMN_TYPE.newDate:
      return { tag: 'date' };
    case COLUMN_TYPE.time2:
      return { tag: 'time', fraction: metadata };
    case COLUMN_TYPE.datetime2:
      return { tag: 'datetime', fraction: metadata };
    case COLUMN_TYPE.timestamp2:
      return { tag: 'timestamp', fraction: metadata };
    case COLUMN_TYPE.time:
      return withoutFraction('time', now);
    case COLUMN_TYPE.datetime:
      return withoutFraction('datetime', now);
    case COLUMN_TYPE.timestamp:
      return withoutFraction('timestamp', now);
    default:
      return null;
  }
}

/** MariaDB's old forms with fractions (mysql56_temporal_format=OFF) look like those without, but are longer. */
function withoutFraction(tag: 'time' | 'datetime' | 'timestamp', now: SourceType | null): SourceType | null {
  return now?.tag === tag && now.fraction === 0 ? { tag, fraction: 0 } : null;
}

function plainType({ type, metadata }: MappedColumn): SourceType | null {
  switch (type) {
    case COLUMN_TYPE.newDecimal:
      return { tag: 'decimal', precision: metadata >> 8, scale: metadata & 0xff };
    case COLUMN_TYPE.float:
      return { tag: 'float' };
    case COLUMN_TYPE.double:
      return { tag: 'double' };
    case COLUMN_TYPE.bit:
      return { tag: 'bit', bits: metadata };
    case COLUMN_TYPE.json:
      return { tag: 'json' };
    case COLUMN_TYPE.geometry:
      return { tag: 'geometry' };
    case COLUMN_TYPE.vector:
      return { tag: 'vector' };
    default:
      return null;
  }
}

function textType(mapped: MappedColumn, now: SourceType | null, charsets: Charsets): SourceType | null {
  const charset = charsetOf(mapped, now, charsets);
  if (charset === null) return null;
  const { type, metadata } = mapped;
  // A compressed value has a byte before it.
  const bytes = type === COLUMN_TYPE.varcharCompressed ? metadata - 1 : metadata;
  const characters = Math.floor(bytes / bytesPerCharacter(charset));
  switch (type) {
    case COLUMN_TYPE.string:
      if (charset !== BINARY) return { tag: 'char', characters, charset };
      return networkType(metadata, now) ?? { tag: 'binary', bytes };
    case COLUMN_TYPE.varchar:
    case COLUMN_TYPE.varString:
    case COLUMN_TYPE.varcharCompressed:
      if (charset !== BINARY) return { tag: 'varchar', characters, charset };
      return now?.tag === 'vector' ? now : { tag: 'varbinary', bytes };
    case COLUMN_TYPE.blob:
    case COLUMN_TYPE.blobCompressed:
      if (charset !== BINARY) return { tag: 'text', charset };
      return now?.tag === 'vector' ? now : { tag: 'blob' };
    case COLUMN_TYPE.enum:
    case COLUMN_TYPE.set:
      return labelledType(mapped, charset, now, charsets);
    default:
      return null;
  }
}

function charsetOf({ type, collation }: MappedColumn, now: SourceType | null, charsets: Charsets): string | null {
  if (collation !== null) return charsets.charsetOf(collation);
  if (now === null) return null;
  if ('charset' in now) return now.charset;
  const isBytes = ['binary', 'varbinary', 'blob', 'vector', 'uuid', 'inet4', 'inet6'].includes(now.tag);
  return isBytes && type !== COLUMN_TYPE.enum && type !== COLUMN_TYPE.set ? BINARY : null;
}

const NETWORK_BYTES = { uuid: 16, inet6: 16, inet4: 4 } as const;

function networkType(bytes: number, now: SourceType | null): SourceType | null {
  if (now?.tag !== 'uuid' && now?.tag !== 'inet4' && now?.tag !== 'inet6') return null;
  return NETWORK_BYTES[now.tag] === bytes ? now : null;
}

/** Whether the bytes of this column could be one of MariaDB's network types, so that only information_schema tells. */
export function needsDescription({ type, metadata }: MappedColumn, source: SourceType): boolean {
  if (source.tag === 'vector' && type !== COLUMN_TYPE.vector) return true;
  return type === COLUMN_TYPE.string && (metadata === 16 || metadata === 4) && !('charset' in source);
}

function labelledType(
  mapped: MappedColumn,
  charset: string,
  now: SourceType | null,
  charsets: Charsets,
): SourceType | null {
  const tag = mapped.type === COLUMN_TYPE.enum ? 'enum' : 'set';
  if (mapped.labels === null) return now?.tag === tag ? now : null;
  const decode = charsets.decoderOf(charset);
  if (decode === null) return null;
  return { tag, labels: mapped.labels.map((label) => decode(label, 0, label.length)), charset };
}

/** The first versions of MariaDB's series that keep only UUIDs of versions 1 to 5 in reverse order (MDEV-29959). */
const UUID_AS_WRITTEN = [100_908, 101_006, 101_105, 110_003];

export function keepsUuidsSwapped(version: number): boolean {
  const series = UUID_AS_WRITTEN.find((first) => Math.floor(first / 100) >= Math.floor(version / 100));
  return series !== undefined && version < series;
}

/** How values of the column are read. `isMasked`: they are only passed over. */
export function loggedTypeOf(
  { type, metadata }: MappedColumn,
  source: SourceType,
  charsets: Charsets,
  server: { readonly version: number },
): LoggedType {
  const isNetwork = source.tag === 'uuid' || source.tag === 'inet4' || source.tag === 'inet6';
  return {
    type,
    metadata,
    unsigned: source.tag === 'integer' && source.unsigned,
    decoder: 'charset' in source ? charsets.decoderOf(source.charset) : null,
    labels: source.tag === 'enum' || source.tag === 'set' ? source.labels : [],
    network: !isNetwork
      ? null
      : source.tag === 'uuid' && keepsUuidsSwapped(server.version)
        ? 'swapped uuid'
        : source.tag,
  };
}

/**
 * Without full metadata the log says so little of a column that only information_schema can be believed;
 * this is whether what the log does say agrees with it.
 */
export function agrees(mapped: MappedColumn, now: SourceType, charsets: Charsets): boolean {
  const logged = loggedSourceType(mapped, now, charsets);
  return logged !== null && JSON.stringify(logged) === JSON.stringify(now);
}
