import { TEXT_READERS, type TextReader } from '../redo/raw-text.ts';
import type { RedoValue } from '../redo/redo-statement.ts';
import { isExtended, type SourceColumn } from '../source-table.ts';
import { redoText, type ToldText } from './redo-text.ts';
import type { SourceType } from './source-type.ts';

/** A character set of the database, and how its bytes are read; null: they are not. */
export interface CharacterSet {
  readonly name: string;
  readonly read: TextReader | null;
}

/** Of CHAR and VARCHAR2, and of NCHAR and NVARCHAR2. */
export interface CharacterSets {
  readonly plain: CharacterSet;
  readonly national: CharacterSet;
}

export function characterSet(name: string): CharacterSet {
  return { name, read: TEXT_READERS[name] ?? null };
}

/** Types whose bytes tell a value exactly. A time of the database's own zone, a rounded number, a locator stand for what is elsewhere. */
const TOLD_BY_BYTES: ReadonlySet<SourceType['tag']> = new Set([
  ...(['number', 'float', 'date', 'timestamp', 'zoned', 'yearMonth', 'daySecond'] as const),
]);

/** The output text of a value that is told by its bytes, because LogMiner did not know the column. What is not exact by them is asked for. */
export function rawColumnText(
  { type, bytes, isEncrypted }: Pick<SourceColumn, 'type' | 'bytes' | 'isEncrypted'>,
  value: RedoValue,
  sets: CharacterSets,
): ToldText {
  if (value.tag === 'null' || value.tag === 'emptyString') return { tag: 'null' };
  if (value.tag !== 'raw' || isEncrypted) return { tag: 'ask' };
  if (value.hex === '') return { tag: 'null' };
  // Its bytes are not in its row.
  if (isExtended({ type, bytes })) return { tag: 'ask' };
  if (type.tag === 'char' || type.tag === 'varchar')
    return rawText(type.isNational ? sets.national : sets.plain, value.hex);
  const isTold = TOLD_BY_BYTES.has(type.tag) || type.tag === 'raw';
  return isTold ? redoText(type, value) : { tag: 'ask' };
}

function rawText({ name, read }: CharacterSet, hex: string): ToldText {
  if (read === null)
    return { tag: 'unread', reason: `its text is in character set ${name}, whose bytes cannot be read here` };
  const text = read(Buffer.from(hex, 'hex'));
  return text === null ? { tag: 'wrong' } : { tag: 'text', text };
}
