/** A column that a statement adds. */
export interface AddedColumn {
  readonly name: string;
  /** What rows have that are there already: a constant as it is written, or NULL; `other`: nobody knows. */
  readonly default:
    { readonly tag: 'constant'; readonly text: string } | { readonly tag: 'null' } | { readonly tag: 'other' };
}

/** `word`: a keyword or a name, in capitals. `name`: one in quotes, without them. `literal`: a string with its apostrophes, or a number. */
interface Token {
  readonly tag: 'word' | 'name' | 'literal' | 'sign';
  readonly text: string;
}

const TOKEN =
  /\s+|--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[\p{L}_][\p{L}\p{N}_$#]*|[^\s]/gu;

/** What stands behind ADD where no column does. */
const NO_COLUMN = new Set([
  ...['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'FOREIGN', 'CHECK', 'SUPPLEMENTAL', 'SCOPE', 'REF', 'PERIOD', 'OVERFLOW'],
  ...['PARTITION', 'SUBPARTITION', 'VALUES', 'HASHING'],
]);
/** What ends the value of DEFAULT. */
const BEHIND_DEFAULT = new Set([
  ...['NOT', 'NULL', 'CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'REFERENCES', 'ENCRYPT', 'VISIBLE', 'INVISIBLE'],
  ...['ENABLE', 'DISABLE', 'ANNOTATIONS', 'DOMAIN'],
]);
const CLAUSES = new Set(['ADD', 'MODIFY', 'DROP', 'RENAME', 'SET', 'ENABLE', 'DISABLE', 'LOB', 'STORAGE']);

/** The columns that a statement of the redo log adds to its table, in their order; null: it cannot be told. */
export function addedColumns(sql: string): readonly AddedColumn[] | null {
  const tokens = tokensOf(sql);
  if (tokens[0]?.text === 'CREATE' && tokens.slice(1, 8).some(({ text }) => text === 'TABLE')) return null;
  if (tokens[0]?.text !== 'ALTER' || tokens[1]?.text !== 'TABLE') return [];
  const added: AddedColumn[] = [];
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    depth += depthOf(token);
    if (depth !== 0 || !isWord(token, 'ADD')) continue;
    for (const definition of definitionsBehind(tokens, index + 1)) {
      const [first] = definition;
      if (first === undefined || (first.tag !== 'word' && first.tag !== 'name')) return null;
      if (first.tag === 'word' && NO_COLUMN.has(first.text)) continue;
      added.push({ name: first.text, default: defaultOf(definition) });
    }
  }
  return added;
}

function tokensOf(sql: string): Token[] {
  return (sql.match(TOKEN) ?? []).flatMap((text): Token[] => {
    if (/^(?:\s|--|\/\*)/.test(text)) return [];
    if (text.startsWith('"') && text.length > 1)
      return [{ tag: 'name', text: text.slice(1, -1).replaceAll('""', '"') }];
    if (text.startsWith("'") || /^\.?\d/.test(text)) return [{ tag: 'literal', text }];
    return [/^[\p{L}_]/u.test(text) ? { tag: 'word', text: text.toUpperCase() } : { tag: 'sign', text }];
  });
}

function isWord({ tag, text }: Token, word: string): boolean {
  return tag === 'word' && text === word;
}

function depthOf({ tag, text }: Token): number {
  if (tag !== 'sign') return 0;
  return text === '(' ? 1 : text === ')' ? -1 : 0;
}

/** `(a NUMBER, b DATE)`, or one without brackets that goes on to the next clause. */
function definitionsBehind(tokens: readonly Token[], from: number): Token[][] {
  const isList = tokens[from]?.text === '(' && tokens[from].tag === 'sign';
  const definitions: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens.slice(isList ? from + 1 : from)) {
    const isOuter = depth === 0;
    depth += depthOf(token);
    if (depth < 0 || (isOuter && token.text === ';' && token.tag === 'sign')) break;
    if (isOuter && !isList && token.tag === 'word' && CLAUSES.has(token.text)) break;
    if (isOuter && isList && token.text === ',' && token.tag === 'sign') definitions.push([]);
    else definitions.at(-1)?.push(token);
  }
  return definitions;
}

function defaultOf(definition: readonly Token[]): AddedColumn['default'] {
  const words = outerWords(definition);
  if (words.some(({ text }) => text === 'AS' || text === 'GENERATED')) return OTHER;
  const behind = words.find(({ text, index }) => text === 'DEFAULT' && index > 0);
  if (behind === undefined) return { tag: 'null' };
  const rest = definition.slice(behind.index + 1);
  const [first, , third] = rest;
  if (first !== undefined && isWord(first, 'NULL')) return { tag: 'null' };
  if (first === undefined || !isWord(first, 'ON')) return constantOf(rest);
  // ON NULL FOR INSERT AND UPDATE is of newer servers.
  return third !== undefined && isWord(third, 'FOR') ? OTHER : constantOf(rest.slice(2));
}

const OTHER: AddedColumn['default'] = { tag: 'other' };

/** Those that stand in no brackets. */
function outerWords(tokens: readonly Token[]): { readonly text: string; readonly index: number }[] {
  let depth = 0;
  return [...tokens.entries()].flatMap(([index, token]) => {
    depth += depthOf(token);
    return depth === 0 && token.tag === 'word' ? [{ text: token.text, index }] : [];
  });
}

function constantOf(tokens: readonly Token[]): AddedColumn['default'] {
  const end = tokens.findIndex(({ tag, text }) => tag === 'word' && BEHIND_DEFAULT.has(text));
  const value = end === -1 ? tokens : tokens.slice(0, end);
  const [first, second] = value;
  if (value.length === 1 && first?.tag === 'literal') return { tag: 'constant', text: first.text };
  if (value.length !== 2 || first === undefined || second?.tag !== 'literal') return OTHER;
  if (isWord(first, 'DATE')) return { tag: 'constant', text: `DATE ${second.text}` };
  return first.tag === 'sign' && /^[+-]$/.test(first.text)
    ? { tag: 'constant', text: first.text + second.text }
    : OTHER;
}
