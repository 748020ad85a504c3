import type { Token, TokenReader } from './sql-tokens.ts';

/** What the clauses of an ALTER TABLE do to the rows and columns that were there before. */
export interface Alteration {
  readonly added: readonly string[];
  /** Dropped, renamed, or changed to another name. */
  readonly dropped: readonly string[];
  /** Whose definition or default is another one now. */
  readonly touched: readonly string[];
  /** Values may be rewritten, without row events; in strict mode they stay what they are, or their type changes. */
  readonly rewrites: boolean;
  /** Why the log does not tell what the rows have afterwards, whatever the mode; null where it does. */
  readonly lossy: string | null;
  /** The table's new name; a part that is not said is null. */
  readonly renamedTo: { readonly schema: string | null; readonly name: string } | null;
  /** A table whose rows this one's partition was exchanged with, or that it was made from or into. */
  readonly exchangedWith: { readonly schema: string | null; readonly name: string } | null;
}

type Draft = {
  added: string[];
  dropped: string[];
  touched: string[];
  rewrites: boolean;
  lossy: string | null;
  renamedTo: Alteration['renamedTo'];
  exchangedWith: Alteration['exchangedWith'];
};

/** `reader` stands behind the table's name. */
export function readAlteration(reader: TokenReader, isIgnore: boolean): Alteration {
  const draft: Draft = {
    added: [],
    dropped: [],
    touched: [],
    rewrites: false,
    lossy: null,
    renamedTo: null,
    exchangedWith: null,
  };
  for (const clause of reader.commaSeparated()) {
    const isLast = clause.peekWord() === 'ORDER' || clause.peekWord(1) === 'PARTITION';
    readClause(clause, draft);
    // Commas behind these separate columns or partitions, not clauses.
    if (isLast) break;
  }
  if (isIgnore) draft.lossy ??= 'it was altered with IGNORE, which drops rows and changes values without a word';
  return draft;
}

type ReadClause = (clause: TokenReader, draft: Draft) => void;

const CLAUSES: ReadonlyMap<string, ReadClause> = new Map<string, ReadClause>([
  ['ADD', readAdd],
  ['DROP', readDrop],
  ['CHANGE', readChange],
  ['MODIFY', readModify],
  ['ALTER', readAlter],
  ['RENAME', readRename],
  ['CONVERT', readConvert],
  ['EXCHANGE', readExchange],
  ...['TRUNCATE', 'DISCARD', 'IMPORT', 'REPAIR'].map((word) => [word, readEmptied] as const),
]);

function readClause(clause: TokenReader, draft: Draft): void {
  // A quoted name is never a keyword.
  const word = clause.nextWord();
  const read = CLAUSES.get(word);
  if (read === undefined) readOption(word, clause.rest, draft);
  else read(clause, draft);
}

function readEmptied(_: TokenReader, draft: Draft): void {
  draft.lossy ??= 'a partition or its tablespace was emptied, put aside or put in';
}

function unknownClause(draft: Draft): void {
  draft.lossy ??= unknownAlteration('a clause without a keyword or a name');
}

function unknownAlteration(what: string): string {
  return `it was altered in a way that is not known here (${what})`;
}

const INDEX_WORDS = new Set(['INDEX', 'KEY', 'FULLTEXT', 'SPATIAL', 'UNIQUE', 'FOREIGN', 'CHECK']);

function readAdd(clause: TokenReader, draft: Draft): void {
  const word = clause.peekWord();
  if (INDEX_WORDS.has(word) || word === 'PARTITION') return;
  if (word === 'PRIMARY' || word === 'CONSTRAINT') {
    // A primary key makes its columns NOT NULL; outside strict mode NULLs are then changed to something else.
    draft.rewrites = true;
    return;
  }
  if (
    (word === 'SYSTEM' && clause.peekWord(1) === 'VERSIONING') ||
    (word === 'PERIOD' && clause.peekWord(1) === 'FOR')
  ) {
    draft.lossy ??= 'system versioning was added';
    return;
  }
  clause.accept('COLUMN');
  clause.accept('IF', 'NOT', 'EXISTS');
  const list = clause.parenthesized();
  for (const definition of list === null ? [clause] : list.commaSeparated()) {
    if (INDEX_WORDS.has(definition.peekWord()) || ['PRIMARY', 'CONSTRAINT'].includes(definition.peekWord())) {
      draft.rewrites = true;
      continue;
    }
    const name = definition.name();
    if (name === null) unknownClause(draft);
    else draft.added.push(name);
  }
}

const DROPPED_WITHOUT_ROWS = new Set(['INDEX', 'KEY', 'PRIMARY', 'FOREIGN', 'CONSTRAINT', 'CHECK']);

function readDrop(clause: TokenReader, draft: Draft): void {
  const word = clause.peekWord();
  if (DROPPED_WITHOUT_ROWS.has(word)) return;
  if (word === 'PARTITION') {
    draft.lossy ??= 'a partition was dropped';
    return;
  }
  if (
    (word === 'SYSTEM' && clause.peekWord(1) === 'VERSIONING') ||
    (word === 'PERIOD' && clause.peekWord(1) === 'FOR')
  ) {
    draft.lossy ??= 'system versioning was dropped';
    return;
  }
  clause.accept('COLUMN');
  clause.accept('IF', 'EXISTS');
  const name = clause.name();
  if (name === null) unknownClause(draft);
  else draft.dropped.push(name);
}

function readChange(clause: TokenReader, draft: Draft): void {
  clause.accept('COLUMN');
  clause.accept('IF', 'EXISTS');
  const from = clause.name();
  const to = clause.name();
  if (from === null || to === null) {
    unknownClause(draft);
    return;
  }
  if (from.toLowerCase() !== to.toLowerCase()) {
    draft.dropped.push(from);
    draft.added.push(to);
  } else draft.touched.push(to);
  redefine(to, clause.rest, draft);
}

function readModify(clause: TokenReader, draft: Draft): void {
  clause.accept('COLUMN');
  clause.accept('IF', 'EXISTS');
  const name = clause.name();
  if (name === null) {
    unknownClause(draft);
    return;
  }
  draft.touched.push(name);
  redefine(name, clause.rest, draft);
}

const FLOATING = new Set(['FLOAT', 'DOUBLE', 'REAL']);

/** Rounding to the digits of DOUBLE(M,D), and computing a generated column's values, succeed in strict mode too. */
function redefine(name: string, definition: readonly Token[], draft: Draft): void {
  draft.rewrites = true;
  const words = definition.map((token) => (token.tag === 'word' ? token.upper : ''));
  const isRounded = FLOATING.has(words[0] ?? '') && hasTwoNumbers(definition);
  if (isRounded) draft.lossy ??= `column ${name} was rounded to the digits of its new type`;
  if (
    words.includes('GENERATED') ||
    words.some((word, index) => word === 'AS' && isSymbol(definition[index + 1], '('))
  ) {
    draft.lossy ??= `the values of column ${name} were computed anew`;
  }
}

function hasTwoNumbers(definition: readonly Token[]): boolean {
  const open = definition.findIndex((token) => isSymbol(token, '('));
  return open !== -1 && open <= 2 && isSymbol(definition[open + 2], ',');
}

function isSymbol(token: Token | undefined, text: string): boolean {
  return token?.tag === 'symbol' && token.text === text;
}

function readAlter(clause: TokenReader, draft: Draft): void {
  if (['INDEX', 'KEY', 'CHECK', 'CONSTRAINT'].includes(clause.peekWord())) return;
  clause.accept('COLUMN');
  clause.accept('IF', 'EXISTS');
  const name = clause.name();
  if (name === null) unknownClause(draft);
  else draft.touched.push(name);
}

function readRename(clause: TokenReader, draft: Draft): void {
  if (clause.acceptAny('INDEX', 'KEY')) return;
  if (clause.accept('COLUMN')) {
    clause.accept('IF', 'EXISTS');
    const from = clause.name();
    clause.accept('TO');
    const to = clause.name();
    if (from === null || to === null) {
      unknownClause(draft);
      return;
    }
    draft.dropped.push(from);
    draft.added.push(to);
    return;
  }
  if (!clause.acceptAny('TO', 'AS')) clause.acceptSymbol('=');
  draft.renamedTo = readTableName(clause);
  if (draft.renamedTo === null) unknownClause(draft);
}

function readConvert(clause: TokenReader, draft: Draft): void {
  if (clause.accept('TO')) {
    draft.rewrites = true;
    return;
  }
  draft.lossy ??= 'a partition became a table, or a table a partition';
  const isTable = clause.accept('TABLE');
  if (!isTable) {
    clause.accept('PARTITION');
    clause.name();
    clause.accept('TO', 'TABLE');
  }
  draft.exchangedWith = readTableName(clause);
}

function readExchange(clause: TokenReader, draft: Draft): void {
  draft.lossy ??= 'a partition was exchanged';
  clause.accept('PARTITION');
  clause.name();
  clause.accept('WITH', 'TABLE');
  draft.exchangedWith = readTableName(clause);
}

/** Clauses and table options that leave all rows and columns as they are. */
const HARMLESS = new Set(
  `ALGORITHM ANALYZE AUTOEXTEND_SIZE AUTO_INCREMENT AVG_ROW_LENGTH CHARACTER CHARSET CHECK CHECKSUM COALESCE COLLATE COMMENT
   COMPRESSION CONNECTION DATA DEFAULT DELAY_KEY_WRITE DISABLE ENABLE ENCRYPTED ENCRYPTION ENCRYPTION_KEY_ID ENGINE
   ENGINE_ATTRIBUTE FORCE IETF_QUOTES INDEX INSERT_METHOD KEY_BLOCK_SIZE LOCK MAX_ROWS MIN_ROWS NOWAIT OPTIMIZE ORDER
   PACK_KEYS PAGE_CHECKSUM PAGE_COMPRESSED PAGE_COMPRESSION_LEVEL PARTITION PASSWORD REBUILD REMOVE REORGANIZE ROW_FORMAT
   SECONDARY_ENGINE SECONDARY_ENGINE_ATTRIBUTE SECONDARY_LOAD SECONDARY_UNLOAD STATS_AUTO_RECALC STATS_PERSISTENT
   STATS_SAMPLE_PAGES STORAGE TABLESPACE TABLE_CHECKSUM TRANSACTIONAL TYPE WAIT WITH WITHOUT`.split(/\s+/),
);
/** Words in options that change what the table holds: BLACKHOLE keeps no rows, UNION is a MERGE table's parts. */
const NOT_HARMLESS = new Set(['BLACKHOLE', 'MERGE', 'MRG_MYISAM', 'UNION', 'VERSIONING', 'SEQUENCE']);

function readOption(first: string, rest: readonly Token[], draft: Draft): void {
  const isPlain = HARMLESS.has(first) && (first === 'ORDER' || first === 'PARTITION' || !rest.some(isNotHarmless));
  if (!isPlain) draft.lossy ??= unknownAlteration(first);
}

function isNotHarmless(token: Token): boolean {
  return token.tag === 'word' && NOT_HARMLESS.has(token.upper);
}

/** `a`, or `a.b`. */
export function readTableName(reader: TokenReader): { readonly schema: string | null; readonly name: string } | null {
  const first = reader.name();
  if (first === null) return null;
  if (!reader.acceptSymbol('.')) return { schema: null, name: first };
  const second = reader.name();
  return second === null ? null : { schema: first, name: second };
}
