/**
 * A form's fields, made from the JSON schema of a section of the configuration: what the file may hold is what the form asks for,
 * with the same limits, defaults and descriptions.
 */
export type Field = { readonly name: string; readonly description: string; readonly isRequired: boolean } & FieldKind;

export type FieldKind =
  | { readonly tag: 'text'; readonly fallback: string | null; readonly pattern: string | null }
  | ({ readonly tag: 'number'; readonly fallback: number | null } & Limits)
  | { readonly tag: 'flag'; readonly fallback: boolean }
  | { readonly tag: 'choice'; readonly fallback: Scalar | null; readonly values: readonly Scalar[] }
  /** Some of these, in no order. Its entry is a text with commas: the names hold none. */
  | { readonly tag: 'several'; readonly fallback: string | null; readonly values: readonly string[] }
  /** Names and values that may be left out, each of a kind of its own: the options of a driver. */
  | { readonly tag: 'options'; readonly names: readonly Field[] }
  /** A mapping of fields that make a whole: another database. Its password is asked for apart. */
  | { readonly tag: 'group'; readonly fields: readonly Field[]; readonly hasPassword: boolean }
  /** As many mappings of the same fields as somebody likes. */
  | { readonly tag: 'list'; readonly fields: readonly Field[] }
  /** A mapping whose other names depend on one of them: `tls` and its `mode`. */
  | { readonly tag: 'variants'; readonly by: string; readonly variants: readonly Variant[] };

export type Scalar = string | number | boolean;

export interface Limits {
  readonly isWhole: boolean;
  readonly least: number | null;
  readonly most: number | null;
  /** The least value itself is too small. */
  readonly isOpen: boolean;
}

export interface Variant {
  readonly value: string;
  readonly fields: readonly Field[];
}

/** The part of JSON Schema that sections of the configuration use. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

/** Fields of a mapping in the schema's order; what has one possible value only is not asked for. */
export function fieldsOf(schema: JsonSchema): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, node]) => {
    const kind = kindOf(node);
    if (kind === null) return [];
    const isRequired = schema.required?.includes(name) ?? false;
    return [{ name, description: node.description ?? '', isRequired, ...kind }];
  });
}

/** Larger limits are those of the number itself. */
const LARGEST = Number.MAX_SAFE_INTEGER;

function kindOf(node: JsonSchema): FieldKind | null {
  if (node.const !== undefined) return null;
  const parts = (node.anyOf ?? node.oneOf)?.filter((part) => part.type !== 'null');
  if (parts !== undefined) return ofAlternatives(parts, node.default);
  if (node.enum !== undefined) return choice(node.enum, node.default);
  const { type, properties } = node;
  if (type === 'boolean') return { tag: 'flag', fallback: node.default === true };
  if (type === 'integer' || type === 'number') {
    return { tag: 'number', fallback: typeof node.default === 'number' ? node.default : null, ...limitsOf(node) };
  }
  if (type === 'array') return node.items?.properties === undefined ? several(node) : list(node.items);
  if (type === 'string') return { tag: 'text', fallback: textOf(node.default), pattern: node.pattern ?? null };
  if (type !== 'object' || properties === undefined) return null;
  // What may be left out, all of it, are options.
  if ((node.required ?? []).length === 0) return { tag: 'options', names: fieldsOf(node) };
  const { password, ...others } = properties;
  return { tag: 'group', fields: fieldsOf({ ...node, properties: others }), hasPassword: password !== undefined };
}

function list(items: JsonSchema): FieldKind {
  return { tag: 'list', fields: fieldsOf(items) };
}

function ofAlternatives(parts: readonly JsonSchema[], fallback: unknown): FieldKind | null {
  const [only, ...others] = parts;
  if (only === undefined) return null;
  if (others.length === 0) return kindOf({ ...only, default: fallback });
  if (parts.every((part) => isScalar(part.const)))
    return choice(
      parts.map((part) => part.const),
      fallback,
    );
  const by = Object.entries(only.properties ?? {}).find(([, node]) => node.const !== undefined)?.[0];
  if (by === undefined) return parts.some((part) => part.type === 'string') ? text(fallback) : null;
  const variants = parts.flatMap((part): Variant[] => {
    const value = part.properties?.[by]?.const;
    return typeof value === 'string' ? [{ value, fields: fieldsOf(part) }] : [];
  });
  return { tag: 'variants', by, variants };
}

function text(fallback: unknown): FieldKind {
  return { tag: 'text', fallback: textOf(fallback), pattern: null };
}

function several({ items, default: fallback }: JsonSchema): FieldKind | null {
  const values = items?.enum?.filter((value) => typeof value === 'string');
  if (values === undefined) return null;
  return { tag: 'several', values, fallback: Array.isArray(fallback) ? fallback.join(',') : null };
}

function choice(values: readonly unknown[], fallback: unknown): FieldKind {
  return { tag: 'choice', values: values.filter(isScalar), fallback: isScalar(fallback) ? fallback : null };
}

function limitsOf(node: JsonSchema): Limits {
  const { minimum, exclusiveMinimum, maximum } = node;
  return {
    isWhole: node.type === 'integer',
    least: exclusiveMinimum ?? (minimum === undefined || minimum <= -LARGEST ? null : minimum),
    most: maximum === undefined || maximum >= LARGEST ? null : maximum,
    isOpen: exclusiveMinimum !== undefined,
  };
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
