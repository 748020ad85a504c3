import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';

/** Steps from the top of the file: names of mappings, places in lists. */
export type ConfigurationPath = readonly (string | number)[];

/** Both from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** A YAML file as plain values, and where in the text each of them stands. */
export interface ConfigurationText {
  readonly value: unknown;
  /** The place of the value at `path`, or of the nearest value around it where there is none. */
  place(path: ConfigurationPath): TextPlace;
}

export interface SyntaxProblem extends TextPlace {
  readonly message: string;
}

export type ReadText =
  | { readonly tag: 'text'; readonly text: ConfigurationText }
  | { readonly tag: 'syntax'; readonly problems: readonly SyntaxProblem[] };

/** Reads YAML 1.2 (core schema: `yes` and dates are text). All syntax problems at once. */
export function readConfigurationText(text: string): ReadText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const complaints = [...document.errors, ...document.warnings];
  if (complaints.length > 0) {
    const problems = complaints.map((complaint) => ({
      ...placeAt(lines, complaint.pos[0]),
      message: syntaxMessage(complaint.code, complaint.message),
    }));
    return { tag: 'syntax', problems };
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return { tag: 'text', text: { value, place: (path) => placeAt(lines, offsetOf(document, path)) } };
  } catch {
    return { tag: 'syntax', problems: [{ line: 1, column: 1, message: 'an alias (*name) has no anchor (&name)' }] };
  }
}

/** The parser's messages end with the text that stood there, which may be a secret: it is cut off. */
function syntaxMessage(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'this name stands twice in one mapping';
  return `not YAML: ${message.replace(/(?:: | ?["'`]).*$/s, '')}`;
}

function placeAt(lines: LineCounter, offset: number): TextPlace {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function offsetOf(document: Document, path: ConfigurationPath): number {
  let offset = startOf(document.contents);
  let node: unknown = document.contents;
  for (const step of path) {
    const next = child(node, step);
    if (next === null) return offset;
    offset = next.offset;
    node = next.node;
  }
  return offset;
}

function child(node: unknown, step: string | number): { node: unknown; offset: number } | null {
  if (isSeq(node) && typeof step === 'number') {
    const item = node.items[step];
    return item === undefined ? null : { node: item, offset: startOf(item) };
  }
  if (!isMap(node)) return null;
  const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step));
  if (pair === undefined) return null;
  return { node: pair.value, offset: startOf(pair.key) };
}

function startOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0;
}
