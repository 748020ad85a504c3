import type { Field, Limits, Scalar } from './field.ts';

/** What the user has typed so far; text that is no number yet is kept as it is. */
export type Draft = Readonly<Record<string, Entry>>;
export type Entry = string | boolean | OptionRows | VariantDraft | GroupDraft | ListDraft;
export type OptionRows = readonly OptionRow[];
export interface OptionRow {
  readonly name: string;
  readonly text: string;
}
export interface VariantDraft {
  /** Empty: none is chosen, the default holds. */
  readonly value: string;
  readonly draft: Draft;
}

export interface GroupDraft {
  readonly draft: Draft;
}
export interface ListDraft {
  readonly drafts: readonly Draft[];
}

/** A section as it is written → what its form shows. What is not written is empty: the default holds. */
export function draftOf(fields: readonly Field[], value: unknown): Draft {
  const given = isMapping(value) ? value : {};
  return Object.fromEntries(fields.map((field) => [field.name, entryOf(field, given[field.name])]));
}

function entryOf(field: Field, value: unknown): Entry {
  switch (field.tag) {
    case 'several':
      return Array.isArray(value) ? value.map(scalarText).join(',') : '';
    case 'flag':
      return typeof value === 'boolean' ? value : field.fallback;
    case 'options':
      return Object.entries(isMapping(value) ? value : {}).map(([name, one]) => ({ name, text: scalarText(one) }));
    case 'variants': {
      const chosen = isMapping(value) ? scalarText(value[field.by]) : '';
      const variant = field.variants.find((candidate) => candidate.value === chosen);
      return { value: chosen, draft: draftOf(variant?.fields ?? [], value) };
    }
    case 'group':
      return { draft: draftOf(field.fields, value) };
    case 'list':
      return { drafts: Array.isArray(value) ? value.map((one: unknown) => draftOf(field.fields, one)) : [] };
    case 'text':
    case 'number':
    case 'choice':
      return scalarText(value);
  }
}

/** What a form shows → the section as it is written: only what differs from the default, and names that the form does not know. */
export function valueOf(fields: readonly Field[], draft: Draft, before: unknown = {}): Record<string, unknown> {
  const known = new Set(fields.map((field) => field.name));
  const kept = Object.entries(isMapping(before) ? before : {}).filter(([name]) => !known.has(name));
  const given = fields.flatMap((field): [string, unknown][] => {
    const value = fieldValue(field, draft[field.name] ?? '', isMapping(before) ? before[field.name] : undefined);
    return value === undefined ? [] : [[field.name, value]];
  });
  return Object.fromEntries([...kept, ...given]);
}

function fieldValue(field: Field, entry: Entry, before: unknown): unknown {
  switch (field.tag) {
    case 'options':
    case 'group':
    case 'list':
    case 'variants':
      return innerValue(field, entry, before);
    case 'flag':
      return entry === field.fallback ? undefined : entry;
    case 'several':
      return severalValue(field.fallback, entry);
    case 'choice':
      return field.values.find((value) => scalarText(value) === entry);
    case 'number':
      return typeof entry !== 'string' || entry.trim() === '' ? undefined : numberOrText(entry);
    case 'text':
      return entry === '' ? undefined : entry;
  }
}

type Nested = Field & { readonly tag: 'options' | 'group' | 'list' | 'variants' };

/** Of a field that holds fields; one that holds nothing is not written. */
function innerValue(field: Nested, entry: Entry, before: unknown): unknown {
  switch (field.tag) {
    case 'options': {
      const rows = isRows(entry) ? entry.filter((row) => row.name !== '') : [];
      return rows.length === 0
        ? undefined
        : Object.fromEntries(rows.map((row) => [row.name, optionValue(field.names, row)]));
    }
    case 'group': {
      const value = isGroup(entry) ? valueOf(field.fields, entry.draft, before) : {};
      return Object.keys(value).length === 0 ? undefined : value;
    }
    case 'list': {
      const values = isList(entry) ? entry.drafts.map((draft) => valueOf(field.fields, draft)) : [];
      return values.length === 0 ? undefined : values;
    }
    case 'variants': {
      if (!isVariant(entry) || entry.value === '') return undefined;
      const variant = field.variants.find((candidate) => candidate.value === entry.value);
      return { [field.by]: entry.value, ...valueOf(variant?.fields ?? [], entry.draft) };
    }
  }
}

/** All that is chosen by default is not written. */
function severalValue(fallback: string | null, entry: Entry): string[] | undefined {
  return typeof entry !== 'string' || entry === '' || entry === fallback ? undefined : entry.split(',');
}

function optionValue(names: readonly Field[], { name, text }: OptionRow): unknown {
  const field = names.find((candidate) => candidate.name === name);
  if (field?.tag === 'number') return numberOrText(text);
  if (field?.tag === 'flag') return text === 'true' ? true : text === 'false' ? false : text;
  if (field?.tag === 'choice') return field.values.find((value) => scalarText(value) === text) ?? text;
  return text;
}

/** What is wrong with a form, by the path of the field. The server looks again, and further. */
export function draftProblems(fields: readonly Field[], draft: Draft, path = ''): ReadonlyMap<string, string> {
  const found = fields.flatMap((field): (readonly [string, string])[] => {
    const at = path === '' ? field.name : `${path}.${field.name}`;
    const entry = draft[field.name] ?? '';
    if (field.tag === 'variants' && isVariant(entry)) {
      const variant = field.variants.find((candidate) => candidate.value === entry.value);
      return [...draftProblems(variant?.fields ?? [], entry.draft, at)];
    }
    if (field.tag === 'group' && isGroup(entry)) return [...draftProblems(field.fields, entry.draft, at)];
    if (field.tag === 'list' && isList(entry))
      return entry.drafts.flatMap((one, index) => [...draftProblems(field.fields, one, `${at}.${index}`)]);
    if (field.tag === 'options' && isRows(entry)) return optionProblems(field.names, entry, at);
    const message = typeof entry === 'string' ? textProblem(field, entry) : null;
    return message === null ? [] : [[at, message]];
  });
  return new Map(found);
}

function optionProblems(names: readonly Field[], rows: OptionRows, path: string): (readonly [string, string])[] {
  return rows.flatMap(({ name, text }): (readonly [string, string])[] => {
    if (name === '') return [];
    const at = `${path}.${name}`;
    if (rows.filter((row) => row.name === name).length > 1) return [[at, `${name} stands here twice`]];
    const field = names.find((candidate) => candidate.name === name);
    if (field === undefined) return [[at, `${name} is not known`]];
    if (text === '') return [[at, `${name} has no value`]];
    const message = textProblem(field, text);
    return message === null ? [] : [[at, `${name}: ${message}`]];
  });
}

function textProblem(field: Field, text: string): string | null {
  if (text.trim() === '') {
    const hasFallback = 'fallback' in field && field.fallback !== null;
    return field.isRequired && !hasFallback ? 'Must be given' : null;
  }
  if (field.tag === 'number') return numberProblem(field, text);
  if (field.tag === 'flag') return text === 'true' || text === 'false' ? null : 'true or false';
  if (field.tag === 'text' && field.pattern !== null && !new RegExp(field.pattern, 'u').test(text)) {
    return 'Not in the form that is asked for';
  }
  return null;
}

function numberProblem({ isWhole, least, most, isOpen }: Limits, text: string): string | null {
  const value = numberOrText(text);
  if (typeof value === 'string') return isWhole ? 'A whole number' : 'A number';
  if (isWhole && !Number.isSafeInteger(value)) return 'A whole number';
  if (least !== null && (isOpen ? value <= least : value < least))
    return `${isOpen ? 'More than' : 'At least'} ${least}`;
  if (most !== null && value > most) return `At most ${most}`;
  return null;
}

export function isRows(entry: Entry): entry is OptionRows {
  return Array.isArray(entry);
}

export function isVariant(entry: Entry): entry is VariantDraft {
  return typeof entry === 'object' && 'value' in entry;
}

export function isGroup(entry: Entry): entry is GroupDraft {
  return typeof entry === 'object' && 'draft' in entry && !('value' in entry);
}

export function isList(entry: Entry): entry is ListDraft {
  return typeof entry === 'object' && 'drafts' in entry;
}

function numberOrText(text: string): number | string {
  const value = Number(text);
  return text.trim() === '' || !Number.isFinite(value) ? text : value;
}

export function scalarText(value: unknown): string {
  return typeof value === 'string' ? value : isScalar(value) ? String(value) : '';
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'number' || typeof value === 'boolean';
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
