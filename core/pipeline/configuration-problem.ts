import type { z } from 'zod';
import type { ConfigurationPath, TextPlace } from './configuration-text.ts';
import { nearestName } from './nearest-name.ts';
import { SECRET_EXPECTED } from './secret-reference.ts';

/** One thing that is wrong with a configuration, without any secret in it. */
export interface Problem {
  readonly path: ConfigurationPath;
  /** What was expected and what stood there. */
  readonly message: string;
}

/** The names that a mapping at `path` may hold; empty where any name is welcome or none is known. */
export type KnownNames = (path: ConfigurationPath) => readonly string[];

/** What a schema found wrong, in the user's words. `value` is what was parsed. */
export function problemsOf(error: z.ZodError, value: unknown, prefix: ConfigurationPath, known: KnownNames): Problem[] {
  return error.issues.flatMap((issue) => fromIssue(issue, value, prefix, known));
}

type Issue = z.core.$ZodIssue;

function fromIssue(issue: Issue, value: unknown, prefix: ConfigurationPath, known: KnownNames): Problem[] {
  const inner = steps(issue.path);
  const path = [...prefix, ...inner];
  const found = valueAt(value, inner);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: unknownName(key, known(path)) }));
  }
  if (isPasswordPath(path)) return [{ path, message: passwordMessage(found) }];
  if (issue.code === 'invalid_union') {
    const choices = discriminators(issue);
    if (choices !== null) return [unknownValue(path, found, choices)];
    const nearest = issue.message === 'Invalid input' ? nearestBranch(issue.errors) : null;
    if (nearest !== null) return nearest.flatMap((branch) => fromIssue(branch, found, path, known));
  }
  return [
    { path, message: `expected ${expectedBy(issue)}, found ${describeFound(found, path)}${suggestion(issue, found)}` },
  ];
}

/** `12:5  tables[2].mask[0]: expected …`; no path where the file as a whole is meant. */
export function problemText({ line, column, path, message }: Problem & TextPlace): string {
  return `${line}:${column}  ${path.length === 0 ? '' : `${pathText(path)}: `}${message}`;
}

/** `tables[2].mask[0]`; names that are not plain are quoted. */
export function pathText(path: ConfigurationPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[\w-]+$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

function unknownName(name: string, known: readonly string[]): string {
  if (known.includes(name)) return 'expected nothing: it does not go with what stands beside it';
  const meant = didYouMean(name, known);
  if (meant !== '') return `unknown name${meant}`;
  return known.length === 0 ? 'unknown name' : `unknown name; known are ${known.join(', ')}`;
}

/** A choice that is not among the known ones. */
export function unknownValue(path: ConfigurationPath, found: unknown, known: readonly string[]): Problem {
  const message = `expected one of ${known.join(', ')}, found ${describeFound(found, path)}`;
  return { path, message: typeof found === 'string' ? message + didYouMean(found, known) : message };
}

function didYouMean(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === null ? '' : `; did you mean \`${nearest}\`?`;
}

/** What stood there: short, and never where it may be a secret. */
export function describeFound(found: unknown, path: ConfigurationPath): string {
  if (found === undefined) return 'nothing';
  if (found === null) return 'an empty value';
  if (Array.isArray(found)) return 'a list';
  if (typeof found === 'object') return 'a mapping';
  if (mayBeSecret(path, found)) return typeof found === 'string' ? 'text' : `a ${typeof found}`;
  if (typeof found === 'string') return JSON.stringify(found.length > 60 ? `${found.slice(0, 57)}...` : found);
  return `${JSON.stringify(found)} (a ${typeof found})`;
}

function mayBeSecret(path: ConfigurationPath, found: unknown): boolean {
  if (path.some((step) => step === 'options' || /pass|secret|token|credential/i.test(String(step)))) return true;
  return typeof found === 'string' && /@|:\/\//.test(found) && path.at(-1) !== 'name' && !path.includes('typeChange');
}

function passwordMessage(found: unknown): string {
  if (found === undefined) return `expected ${SECRET_EXPECTED}, found nothing`;
  if (typeof found === 'object' && found !== null)
    return `expected ${SECRET_EXPECTED}, each a text, and only one of them`;
  return `expected ${SECRET_EXPECTED}; plain text is refused, because configuration files are copied and committed`;
}

function isPasswordPath(path: ConfigurationPath): boolean {
  return path.slice(1).includes('password');
}

function expectedBy(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return EXPECTED_TYPES[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return lengthOr(issue.origin, `at least ${issue.minimum}`);
    case 'too_big':
      return lengthOr(issue.origin, `at most ${issue.maximum}`);
    case 'invalid_format':
      return FORMATS[issue.format] ?? issue.message;
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return issue.message.replace(/^expected /, '');
  }
}

const EXPECTED_TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

const FORMATS: Readonly<Record<string, string>> = { date: 'a date as YYYY-MM-DD' };

function lengthOr(origin: string, bound: string): string {
  if (origin === 'string') return bound === 'at least 1' ? 'a text that is not empty' : `${bound} characters`;
  return origin === 'array' ? `a list of ${bound}` : bound;
}

/** A wrong choice gets the nearest right one. */
function suggestion(issue: Issue, found: unknown): string {
  if (issue.code !== 'invalid_value' || issue.values.length < 2 || typeof found !== 'string') return '';
  return didYouMean(found, issue.values.map(String));
}

/** The alternative that was most likely meant: the one with the fewest problems, unless none fits at all. */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const begun = branches.filter(
    (issues) => !issues.some((issue) => issue.path.length === 0 && issue.code === 'invalid_type'),
  );
  return [...begun].sort((a, b) => a.length - b.length)[0] ?? branches[0] ?? null;
}

/** What the name that tells alternatives apart may be, where that is what is wrong. */
function discriminators(issue: Extract<Issue, { code: 'invalid_union' }>): string[] | null {
  return 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : null;
}

function steps(path: readonly PropertyKey[]): (string | number)[] {
  return path.map((step) => (typeof step === 'symbol' ? String(step) : step));
}

function valueAt(value: unknown, path: ConfigurationPath): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Readonly<Record<string | number, unknown>>)[step];
  }
  return found;
}
