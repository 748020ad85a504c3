import type { TableName } from '../../../changes/table-name.ts';
import { readAlteration, readTableName, type Alteration } from './alter-table.ts';
import { tokenize, TokenReader, type SqlDialect, type Token } from './sql-tokens.ts';

/** What a logged statement does, as far as rows that are followed depend on it. */
export type StatementEffect =
  | { readonly tag: 'truncate'; readonly table: TableName }
  /** The name stands for these rows no more, or not for all of them. */
  | { readonly tag: 'gone'; readonly table: TableName; readonly reason: string }
  | { readonly tag: 'schemaGone'; readonly schema: string; readonly reason: string }
  /** The name stands for other rows from here on. */
  | { readonly tag: 'arrived'; readonly table: TableName }
  | { readonly tag: 'altered'; readonly table: TableName; readonly alteration: Alteration }
  /** Rows were changed, and the log holds only the statement; `schemas` are those of the tables it writes, null: any. */
  | { readonly tag: 'statement'; readonly schemas: readonly string[] | null }
  | { readonly tag: 'begin' }
  | { readonly tag: 'commit' }
  | { readonly tag: 'rollback' }
  | { readonly tag: 'xaStart' }
  | { readonly tag: 'xaEnd' }
  | { readonly tag: 'xaPrepare' }
  | { readonly tag: 'xaCommit'; readonly onePhase: boolean }
  | { readonly tag: 'xaRollback' }
  /** Not known here; `names` are all names in it, null: it could not be read. */
  | { readonly tag: 'unknown'; readonly names: readonly TableName[] | null };

/** The session in which the statement ran. */
export interface StatementContext extends SqlDialect {
  /** Its current database, for names without one. */
  readonly schema: string;
}

const LONGEST_HEAD = 65_536;
const WRITING = /^\s*(insert|replace|update|delete|load)\b/i;

/** Pure: a statement's text → its effects in order; none: it changes no row and no structure. */
export function statementEffects(sql: string, context: StatementContext): StatementEffect[] {
  // Of a statement that writes rows only the beginning is of interest, and it may be as long as its rows.
  const isCut = sql.length > LONGEST_HEAD && WRITING.test(sql);
  const { tokens, isWhole } = tokenize(isCut ? sql.slice(0, LONGEST_HEAD) : sql, context);
  if (!isWhole && !isCut) return [{ tag: 'unknown', names: null }];
  return effectsOf(new TokenReader(tokens), context.schema);
}

const NOTHING = new Set(
  `ANALYZE BINLOG CACHE CHANGE CHECK CHECKSUM DEALLOCATE DESC DESCRIBE EXPLAIN FLUSH GRANT HANDLER HELP INSTALL KILL LOCK
   OPTIMIZE PREPARE PURGE RELEASE RESET REVOKE SAVEPOINT SHOW SHUTDOWN SIGNAL START STOP UNINSTALL UNLOCK USE`.split(
    /\s+/,
  ),
);
const WRITES = new Set(['INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'LOAD']);
const WRITES_ANYWHERE = new Set(['CALL', 'WITH', 'SELECT', 'DO', 'EXECUTE', 'VALUES', 'TABLE', 'MERGE', 'IMPORT']);

function effectsOf(reader: TokenReader, schema: string): StatementEffect[] {
  const all = reader.rest;
  if (all.length === 0) return [];
  const word = reader.nextWord();
  if (WRITES.has(word)) return writes(word, reader, schema);
  if (WRITES_ANYWHERE.has(word)) return [{ tag: 'statement', schemas: null }];
  switch (word) {
    case 'BEGIN':
      return [{ tag: 'begin' }];
    case 'COMMIT':
      return [{ tag: 'commit' }];
    case 'ROLLBACK':
      return reader.isAtEnd || reader.peekWord() === 'WORK' ? [{ tag: 'rollback' }] : [];
    case 'START':
      return reader.accept('TRANSACTION') ? [{ tag: 'begin' }] : [];
    case 'XA':
      return xa(reader, all, schema);
    case 'TRUNCATE':
      reader.accept('TABLE');
      return onTable(reader, schema, all, (table) => [{ tag: 'truncate', table }]);
    case 'CREATE':
      return create(reader, schema, all);
    case 'DROP':
      return drop(reader, schema, all);
    case 'ALTER':
      return alter(reader, schema, all);
    case 'RENAME':
      return rename(reader, schema, all);
    case 'SET':
      return setStatement(reader, schema);
    default:
      return NOTHING.has(word) ? [] : [unknown(all, schema)];
  }
}

function qualify(name: { readonly schema: string | null; readonly name: string }, schema: string): TableName {
  return { schema: name.schema ?? schema, name: name.name };
}

function onTable(
  reader: TokenReader,
  schema: string,
  all: readonly Token[],
  effects: (table: TableName) => StatementEffect[],
): StatementEffect[] {
  const name = readTableName(reader);
  return name === null ? [unknown(all, schema)] : effects(qualify(name, schema));
}

/** Every name that could be one of a table, with and without a database before it. */
function unknown(tokens: readonly Token[], schema: string): StatementEffect {
  const reader = new TokenReader(tokens);
  const names: TableName[] = [];
  while (!reader.isAtEnd) {
    const name = readTableName(reader);
    if (name === null) reader.next();
    else names.push(qualify(name, schema));
  }
  return { tag: 'unknown', names };
}

function xa(reader: TokenReader, all: readonly Token[], schema: string): StatementEffect[] {
  const isOnePhase = reader.rest.some((token) => token.tag === 'word' && token.upper === 'PHASE');
  switch (reader.nextWord()) {
    case 'START':
    case 'BEGIN':
      return [{ tag: 'xaStart' }];
    case 'END':
      return [{ tag: 'xaEnd' }];
    case 'PREPARE':
      return [{ tag: 'xaPrepare' }];
    case 'COMMIT':
      return [{ tag: 'xaCommit', onePhase: isOnePhase }];
    case 'ROLLBACK':
      return [{ tag: 'xaRollback' }];
    default:
      return [unknown(all, schema)];
  }
}

/** `SET STATEMENT … FOR …` of MariaDB runs what stands behind; every other SET changes no row. */
function setStatement(reader: TokenReader, schema: string): StatementEffect[] {
  if (!reader.accept('STATEMENT')) return [];
  while (!reader.isAtEnd && !reader.accept('FOR')) reader.next();
  return effectsOf(new TokenReader(reader.rest), schema);
}

/** What can stand between CREATE and the kind of thing. */
const TABLE_KINDS = new Set(['TABLE', 'TABLES']);
const OTHER_KINDS = new Set(
  `VIEW PROCEDURE FUNCTION TRIGGER EVENT INDEX USER ROLE SERVER TABLESPACE SEQUENCE PACKAGE LOGFILE REFERENCE RESOURCE
   INSTANCE SCHEMA DATABASE LIBRARY CATALOG`.split(/\s+/),
);

/** The kind of thing that a CREATE, DROP or ALTER is about, and the words before it; the reader stands behind it. */
function kindOf(reader: TokenReader): { readonly kind: string; readonly before: ReadonlySet<string> } {
  const before = new Set<string>();
  while (!reader.isAtEnd) {
    const word = reader.nextWord();
    if (TABLE_KINDS.has(word)) return { kind: 'TABLE', before };
    if (OTHER_KINDS.has(word)) return { kind: word === 'SCHEMA' ? 'DATABASE' : word, before };
    before.add(word);
  }
  return { kind: '', before };
}

function create(reader: TokenReader, schema: string, all: readonly Token[]): StatementEffect[] {
  const { kind, before } = kindOf(reader);
  if (kind === 'DATABASE') {
    const name = reader.name();
    return before.has('REPLACE') && name !== null
      ? [{ tag: 'schemaGone', schema: name, reason: 'its database was replaced' }]
      : [];
  }
  if (kind === '') return [unknown(all, schema)];
  if (kind !== 'TABLE' || before.has('TEMPORARY')) return [];
  const isCareful = reader.accept('IF', 'NOT', 'EXISTS');
  return onTable(reader, schema, all, (table) => [
    ...(before.has('REPLACE') ? [{ tag: 'gone', table, reason: 'it was replaced' } as const] : []),
    // With IF NOT EXISTS a table that was there stays; if it was not, the log says before this how it went.
    ...(isCareful ? [] : [{ tag: 'arrived', table } as const]),
    // MySQL 8 logs CREATE TABLE … SELECT as one transaction, whose rows follow.
    ...(endsWithStart(reader) ? [{ tag: 'begin' } as const] : []),
  ]);
}

function endsWithStart(reader: TokenReader): boolean {
  const [start, transaction] = reader.rest.slice(-2);
  return (
    start?.tag === 'word' &&
    start.upper === 'START' &&
    transaction?.tag === 'word' &&
    transaction.upper === 'TRANSACTION'
  );
}

function drop(reader: TokenReader, schema: string, all: readonly Token[]): StatementEffect[] {
  const { kind, before } = kindOf(reader);
  if (kind === '') return reader.isAtEnd && before.has('PREPARE') ? [] : [unknown(all, schema)];
  reader.accept('IF', 'EXISTS');
  if (kind === 'DATABASE') {
    const name = reader.name();
    return name === null
      ? [unknown(all, schema)]
      : [{ tag: 'schemaGone', schema: name, reason: 'its database was dropped' }];
  }
  if (kind !== 'TABLE' || before.has('TEMPORARY')) return [];
  return reader
    .commaSeparated()
    .flatMap((part) => onTable(part, schema, all, (table) => [{ tag: 'gone', table, reason: 'it was dropped' }]));
}

function alter(reader: TokenReader, schema: string, all: readonly Token[]): StatementEffect[] {
  const { kind, before } = kindOf(reader);
  if (kind === '') return [unknown(all, schema)];
  if (kind !== 'TABLE') return [];
  reader.accept('IF', 'EXISTS');
  return onTable(reader, schema, all, (table) => {
    if (reader.accept('WAIT')) reader.next();
    reader.accept('NOWAIT');
    const alteration = readAlteration(reader, before.has('IGNORE'));
    const { renamedTo, exchangedWith } = alteration;
    return [
      { tag: 'altered', table, alteration },
      ...(renamedTo === null ? [] : moved(table, qualify(renamedTo, schema))),
      ...(exchangedWith === null
        ? []
        : [
            {
              tag: 'gone',
              table: qualify(exchangedWith, schema),
              reason: 'it was exchanged with a partition',
            } as const,
          ]),
    ];
  });
}

function moved(from: TableName, to: TableName): StatementEffect[] {
  return [
    { tag: 'gone', table: from, reason: 'it was renamed' },
    { tag: 'arrived', table: to },
  ];
}

function rename(reader: TokenReader, schema: string, all: readonly Token[]): StatementEffect[] {
  if (reader.acceptAny('USER', 'ROLE')) return [];
  if (!reader.acceptAny('TABLE', 'TABLES')) return [unknown(all, schema)];
  reader.accept('IF', 'EXISTS');
  return reader.commaSeparated().flatMap((pair) => {
    const from = readTableName(pair);
    if (pair.accept('WAIT')) pair.next();
    pair.accept('NOWAIT');
    const to = pair.accept('TO') ? readTableName(pair) : null;
    return from === null || to === null ? [unknown(all, schema)] : moved(qualify(from, schema), qualify(to, schema));
  });
}

/** Where the tables that a statement writes to end. */
const TARGETS_END = new Set([
  'SET',
  'VALUES',
  'VALUE',
  'SELECT',
  'WHERE',
  'ORDER',
  'LIMIT',
  'RETURNING',
  'FIELDS',
  'LINES',
]);

/** All names up to there: more than are written to, never fewer. */
function writes(word: string, reader: TokenReader, schema: string): StatementEffect[] {
  if (word === 'DELETE' && reader.peekWord() === 'FROM') {
    const target = new TokenReader(reader.rest.slice(1));
    const table = readTableName(target);
    // What a server writes when it finds a MEMORY table empty after its start.
    if (table !== null && target.isAtEnd) return [{ tag: 'truncate', table: qualify(table, schema) }];
  }
  const schemas = new Set([schema]);
  while (!reader.isAtEnd && !TARGETS_END.has(reader.peekWord())) {
    const name = readTableName(reader);
    if (name === null) reader.next();
    else if (name.schema !== null) schemas.add(name.schema);
  }
  return [{ tag: 'statement', schemas: [...schemas] }];
}
