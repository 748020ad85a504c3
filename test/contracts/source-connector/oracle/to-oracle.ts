import { inOracleWords } from './words.ts';

/** A literal that is longer than a statement may have one, as a bind. */
export interface LongLiteral {
  readonly name: string;
  readonly type: 'CLOB' | 'NCLOB' | 'BLOB';
  /** The text; of a BLOB its hexadecimal digits. */
  readonly text: string;
}

export interface OracleStatement {
  readonly text: string;
  readonly binds: readonly LongLiteral[];
}

/**
 * A statement of the contract suites, which write standard SQL, as Oracle understands it from 12.1 on: beyond inOracleWords what a fake need not be told. SQL
 * of Oracle stays as it is. BEGIN, COMMIT and ROLLBACK are not among them: the driver has its own.
 */
export function toOracle(statement: string): OracleStatement {
  let text = statement;
  for (const [form, written] of WHOLE) text = text.replace(form, written);
  return withBinds(withoutEnd(severalRows(inOracleWords(text))));
}

const WHOLE: readonly (readonly [RegExp, string])[] = [
  [/^(\s*ALTER\s+TABLE\s+\S+)\s+ADD\s+COLUMN\s+/i, '$1 ADD '],
  [/^(\s*ALTER\s+TABLE\s+\S+)\s+ALTER\s+COLUMN\s+(\w+)\s+SET\s+DEFAULT\s+(.*)$/is, '$1 MODIFY ($2 DEFAULT $3)'],
  // A virtual column has a type of its own, and is stored nowhere.
  [/(GENERATED\s+ALWAYS\s+AS\s+\([^)]*\))\s+STORED/i, '$1 VIRTUAL'],
  // 942: there is none.
  [
    /^\s*DROP\s+TABLE\s+IF\s+EXISTS\s+(\w+)\s*$/i,
    `BEGIN EXECUTE IMMEDIATE 'DROP TABLE "$1"'; EXCEPTION WHEN OTHERS THEN IF SQLCODE <> -942 THEN RAISE; END IF; END;`,
  ],
];

/** `VALUES (…), (…)`: before 23ai a SELECT for each row. */
function severalRows(statement: string): string {
  const head = /^\s*INSERT\s+INTO\s+(?:"[^"]+"\.)?"[^"]+"\s*(?:\([^()]*\)\s*)?(?=VALUES\b)/i.exec(statement)?.[0];
  if (head === undefined) return statement;
  const rows = rowsOf(statement.slice(head.length + 'VALUES'.length));
  if (rows.length < 2) return statement;
  return `${head}${rows.map((row) => `SELECT ${row} FROM DUAL`).join(' UNION ALL ')}`;
}

/** What stands in each pair of outer brackets. */
function rowsOf(values: string): string[] {
  const rows: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: part, index } of values.matchAll(/'(?:[^']|'')*'|[()]/g)) {
    if (part === '(' && depth++ === 0) start = index + 1;
    if (part === ')' && --depth === 0) rows.push(values.slice(start, index));
  }
  return rows;
}

/** A semicolon ends a statement for people and blocks for the server. */
function withoutEnd(statement: string): string {
  return /^\s*(BEGIN|DECLARE)\b/i.test(statement) ? statement : statement.replace(/;\s*$/, '');
}

/** Of a literal, in the character set of the database. */
const MOST_BYTES = 4000;
const LITERAL = /(HEXTORAW\(|\bN)?'((?:[^']|'')*)'(\)?)/g;

function withBinds(statement: string): OracleStatement {
  if (!/^\s*(INSERT|UPDATE)\b/i.test(statement)) return { text: statement, binds: [] };
  const binds: LongLiteral[] = [];
  const text = statement.replaceAll(
    LITERAL,
    (literal: string, before: string | undefined, quoted: string, after: string) => {
      const content = quoted.replaceAll("''", "'");
      if (Buffer.byteLength(content) <= MOST_BYTES) return literal;
      const name = `long${binds.length + 1}`;
      const isHex = before !== undefined && /^HEXTORAW/i.test(before);
      binds.push({ name, type: isHex ? 'BLOB' : before === undefined ? 'CLOB' : 'NCLOB', text: content });
      return `:${name}${isHex ? '' : after}`;
    },
  );
  return { text, binds };
}

/** The table that a statement makes; null: it makes none. */
export function madeTable(statement: string): string | null {
  return /^\s*CREATE\s+TABLE\s+"?(\w+)"?/i.exec(statement)?.[1] ?? null;
}

/** What an administrator does with a table that is to be replicated, as soon as it is there. */
export function enabling(schema: string, table: string, reader: string): string[] {
  const name = `"${schema}"."${table}"`;
  return [
    `ALTER TABLE ${name} ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS`,
    `GRANT SELECT, FLASHBACK ON ${name} TO "${reader}"`,
  ];
}
