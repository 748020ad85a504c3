import type { RedoParser } from './redo-parser.ts';
import { readValue } from './read-value.ts';
import type { RedoFault, RedoImage, RedoTable, RedoValue } from './redo-statement.ts';
import { RedoProblem, Scanner } from './scanner.ts';

/** One step of a change of a LOB in pieces, as SQL_REDO of operations 9, 10, 11, 28 and 29 tells it. */
export type LobStep =
  /** Says which LOB the steps after it change. */
  | {
      readonly tag: 'locate';
      readonly table: RedoTable;
      readonly column: string;
      readonly where: RedoImage;
      readonly rowId: string | null;
    }
  | {
      readonly tag: 'write';
      /** Text, or bytes, which a CLOB may have too. */
      readonly content: Extract<RedoValue, { readonly tag: 'text' | 'unicode' | 'raw' | 'emptyString' }>;
      /** In characters, or bytes for a BLOB. */
      readonly amount: number;
      /** From 1. */
      readonly offset: number;
    }
  | { readonly tag: 'trim'; readonly length: number }
  | { readonly tag: 'erase'; readonly amount: number; readonly offset: number };

export type LobRedo = { readonly tag: 'steps'; readonly steps: readonly LobStep[] } | LobFault;
/** As of a statement. */
export interface LobFault extends Omit<RedoFault, 'op'> {
  readonly tag: 'fault';
}

/** Of `loc_c`, `buf_nc` and their like. */
const DOCUMENT = 'XML DOC BEGIN:';
const KINDS = ['nc', 'c', 'b'] as const;
/** What stands before the statement that a text or bytes beyond 4000 bytes are set by. */
const EXTENDED = /^\s*DECLARE\b[^']*\bBEGIN\b[^']*\bStmt := '/;

/**
 * Reads what LogMiner prints for the pieces of a LOB: a block of PL/SQL, or a part of one: declarations and BEGIN, then
 * `select "C" into loc_c from "S"."T" where … for update;`, `buf_c := '…'; dbms_lob.write(loc_c, amount, offset, buf_c);`,
 * `dbms_lob.trim(loc_c, length);`, `dbms_lob.erase(loc_c, amount, offset);`, then END, in any number. Of an extended string (32K_BEGIN) where it is:
 * `Stmt := 'update "S"."T" a set a."C" = :C where …';`.
 */
export function parseLobRedo(sql: string, parser: RedoParser): LobRedo {
  const scanner = new Scanner();
  scanner.text = sql;
  try {
    if (scanner.take(DOCUMENT)) return { tag: 'steps', steps: [readDocument(scanner, parser)] };
    const extended = EXTENDED.exec(sql);
    if (extended !== null) {
      scanner.at = extended[0].length - 1;
      return { tag: 'steps', steps: [readExtended(scanner.string(), parser)] };
    }
    skipDeclarations(scanner);
    const steps: LobStep[] = [];
    while (scanner.at < sql.length) {
      steps.push(readStep(scanner, parser));
      scanner.skipSpace();
      if (!scanner.take('END')) continue;
      scanner.finish();
    }
    if (steps.length === 0) scanner.fail('expected a step of a LOB');
    return { tag: 'steps', steps };
  } catch (error) {
    if (!(error instanceof RedoProblem)) throw error;
    return { tag: 'fault', offset: error.offset, reason: error.message };
  }
}

function skipDeclarations(scanner: Scanner): void {
  scanner.skipSpace();
  if (scanner.take('DECLARE')) {
    const begin = scanner.text.indexOf('BEGIN', scanner.at);
    if (begin < 0) scanner.fail('expected BEGIN');
    scanner.at = begin;
  }
  if (scanner.take('BEGIN')) scanner.skipSpace();
}

function readStep(scanner: Scanner, parser: RedoParser): LobStep {
  if (scanner.take('select ')) return readLocator(scanner, parser);
  if (scanner.take('buf_')) return readWrite(scanner);
  if (scanner.take('dbms_lob.trim(')) {
    readKind(scanner, 'loc_');
    const length = readArgument(scanner);
    close(scanner);
    return { tag: 'trim', length };
  }
  if (scanner.take('dbms_lob.erase(')) {
    readKind(scanner, 'loc_');
    const amount = readArgument(scanner);
    const offset = readArgument(scanner);
    close(scanner);
    return { tag: 'erase', amount, offset };
  }
  return scanner.fail('expected a step of a LOB');
}

/** `XML DOC BEGIN:  select "C" from "S"."T" where …`: which document the rows behind it are of. */
function readDocument(scanner: Scanner, parser: RedoParser): LobStep {
  scanner.skipSpace();
  if (!scanner.take('select ')) scanner.fail('expected select');
  scanner.skipSpace();
  scanner.take('a.');
  const column = scanner.name();
  scanner.expect('from');
  const located = parser.parseLocator(scanner);
  return { tag: 'locate', column, ...located };
}

/** `update "S"."T" a set a."C" = :C where …`: what is set comes behind it. */
function readExtended(update: string, parser: RedoParser): LobStep {
  const scanner = new Scanner();
  scanner.text = update;
  scanner.skipSpace();
  if (!scanner.take('update ')) scanner.fail('expected update');
  scanner.skipSpace();
  const start = scanner.at;
  scanner.skipName();
  if (!scanner.take('.')) scanner.fail('expected a . between owner and table');
  scanner.skipName();
  scanner.skipSpace();
  if (scanner.take('a ')) scanner.skipSpace();
  const table = update.slice(start, scanner.at);
  scanner.expect('set');
  scanner.take('a.');
  const column = scanner.name();
  scanner.expect('=');
  const bind = /^:\S+\s+(?=where )/.exec(update.slice(scanner.at));
  if (bind === null) return scanner.fail('expected one value, and where');
  const located = new Scanner();
  located.text = `${table} ${update.slice(scanner.at + bind[0].length)}`;
  return { tag: 'locate', column, ...parser.parseLocator(located) };
}

function readLocator(scanner: Scanner, parser: RedoParser): LobStep {
  scanner.skipSpace();
  scanner.take('a.');
  const column = scanner.name();
  scanner.expect('into');
  readKind(scanner, 'loc_');
  scanner.expect('from');
  const located = parser.parseLocator(scanner);
  scanner.expect('for update');
  if (!scanner.take(';')) scanner.fail('expected ;');
  return { tag: 'locate', column, ...located };
}

function readWrite(scanner: Scanner): LobStep {
  const kind = readKind(scanner, '');
  scanner.expect(':=');
  const start = scanner.at;
  const content = readValue(scanner, (strings) => strings.string());
  if (!isContent(content)) return scanner.fail('expected the content of a LOB', start);
  scanner.expect(';');
  if (!scanner.take('dbms_lob.write(')) scanner.fail('expected dbms_lob.write(');
  if (readKind(scanner, 'loc_') !== kind) scanner.fail('a piece for another LOB');
  const amount = readArgument(scanner);
  const at = scanner.at;
  const offset = readArgument(scanner);
  if (offset < 1) scanner.fail('places in a LOB count from 1', at);
  scanner.expect(',');
  if (!scanner.take('buf_') || readKind(scanner, '') !== kind) scanner.fail('a piece for another LOB');
  close(scanner);
  return { tag: 'write', content, amount, offset };
}

function isContent(value: RedoValue): value is Extract<LobStep, { readonly tag: 'write' }>['content'] {
  return value.tag === 'text' || value.tag === 'unicode' || value.tag === 'raw' || value.tag === 'emptyString';
}

function readKind(scanner: Scanner, prefix: string): string {
  scanner.skipSpace();
  const start = scanner.at;
  if (scanner.take(prefix)) for (const kind of KINDS) if (scanner.take(kind)) return kind;
  return scanner.fail('expected a variable of a LOB', start);
}

/** Passes `, n`. */
function readArgument(scanner: Scanner): number {
  scanner.expect(',');
  return scanner.wholeNumber();
}

/** Passes `);`. */
function close(scanner: Scanner): void {
  scanner.expect(')');
  if (!scanner.take(';')) scanner.fail('expected ;');
}
