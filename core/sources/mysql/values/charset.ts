import { PenstockError } from '../../../errors/penstock-error.ts';
import { bytesPerCharacter, isDecodable } from './character-sets.ts';
import type { Session } from '../connection.ts';

/** Bytes of one character set → text. */
export type TextDecoder = (bytes: Buffer, start: number, end: number) => string;

const UNICODE: Readonly<Record<string, TextDecoder>> = {
  utf8mb4: utf8,
  utf8mb3: utf8,
  utf8,
  ascii: latin1,
  ucs2: bigEndian16,
  utf16: bigEndian16,
  utf16le: (bytes, start, end) => bytes.toString('utf16le', start, end),
  utf32: bigEndian32,
};

function utf8(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('utf8', start, end);
}

function latin1(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, end);
}

function bigEndian16(bytes: Buffer, start: number, end: number): string {
  return Buffer.from(bytes.subarray(start, end)).swap16().toString('utf16le');
}

function bigEndian32(bytes: Buffer, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at += 4) text += String.fromCodePoint(bytes.readUInt32BE(at));
  return text;
}

/** A set whose characters have one byte; `characters`: all 256 in order. */
export function singleByte(characters: readonly string[]): TextDecoder {
  const isAscii = characters.every((character, byte) => byte > 0x7f || character.charCodeAt(0) === byte);
  return (bytes, start, end) => {
    if (isAscii && !hasHighByte(bytes, start, end)) return bytes.toString('latin1', start, end);
    let text = '';
    for (let at = start; at < end; at++) text += characters[bytes[at] ?? 0] ?? '';
    return text;
  };
}

function hasHighByte(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((bytes[at] ?? 0) > 0x7f) return true;
  return false;
}

/** The character sets of one server: what its collation numbers stand for, and how its texts are read. */
export class Charsets {
  readonly #byCollation: ReadonlyMap<number, string>;
  readonly #decoders = new Map<string, TextDecoder>(Object.entries(UNICODE));

  constructor(byCollation: ReadonlyMap<number, string>) {
    this.#byCollation = byCollation;
  }

  /** The set's name as information_schema has it, `binary` for bytes; null: a collation that this server did not list. */
  charsetOf(collation: number): string | null {
    return this.#byCollation.get(collation) ?? null;
  }

  /** Null: it must be learned first, or cannot be read from a log at all (isDecodable). */
  decoderOf(charset: string): TextDecoder | null {
    return this.#decoders.get(charset) ?? null;
  }

  /** Whether `learn` is to be called for this set before texts of it are read. */
  mustLearn(charset: string): boolean {
    return !this.#decoders.has(charset) && isDecodable(charset) && charset !== 'binary';
  }

  /** The 256 characters of a set of one byte. */
  set(charset: string, characters: readonly string[]): void {
    this.#decoders.set(charset, singleByte(characters));
  }
}

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('hex');

/** Asks the server what all bytes of a one-byte set are, so that the log is read as its own results are written. */
export async function learnCharset(session: Session, charsets: Charsets, charset: string): Promise<void> {
  if (!/^[a-z0-9]+$/.test(charset) || bytesPerCharacter(charset) !== 1) return;
  const [row] = await session.rows(`SELECT CONVERT(_${charset} X'${ALL_BYTES}' USING utf8mb4)`);
  const characters = Array.from(row?.[0] ?? '');
  if (characters.length !== 256) {
    throw new PenstockError(
      'PS2008',
      `the server gave ${characters.length} characters for the 256 bytes of ${charset}`,
    );
  }
  charsets.set(charset, characters);
}

/** MariaDB lists collations without a number of their own (UCA 14.0.0) in another table since 10.10. */
export async function readCharsets(session: Session): Promise<Charsets> {
  const rows = await session.rows(
    'SELECT ID, CHARACTER_SET_NAME FROM information_schema.COLLATIONS WHERE ID IS NOT NULL',
  );
  const contextual =
    session.isMariaDb && session.version >= 101_001
      ? await session.rows(
          'SELECT ID, CHARACTER_SET_NAME FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY WHERE ID IS NOT NULL',
        )
      : [];
  const named = [...rows, ...contextual].flatMap(([id = null, name = null]) =>
    id === null || name === null ? [] : [[Number(id), name] as const],
  );
  return new Charsets(new Map(named));
}
