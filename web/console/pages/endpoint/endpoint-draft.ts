import { draftOf, draftProblems, isGroup, scalarText, valueOf, type Draft, type Entry } from '../../forms/draft.ts';
import { fieldsOf, type Field, type JsonSchema } from '../../forms/field.ts';
import { isFor } from '../../forms/labels.ts';
import { NO_PASSWORD, type PasswordDraft } from '../../forms/password-fields.tsx';

/** A kind of source or destination, with the JSON schema of its section. */
export interface Kind {
  readonly type: string;
  readonly label: string;
  readonly schema: unknown;
}

/** The form of a source or a destination. */
export interface EndpointDraft {
  readonly type: string;
  readonly fields: Draft;
  readonly password: PasswordDraft;
  /** Of other databases, by the names of their fields. */
  readonly passwords: Readonly<Record<string, PasswordDraft>>;
}

/** The section as it is saved; of a new one nothing but the first kind. */
export function endpointDraft(kinds: readonly Kind[], value: Readonly<Record<string, unknown>> | null): EndpointDraft {
  const given = value?.['type'];
  const type = typeof given === 'string' ? given : (kinds[0]?.type ?? '');
  return { type, fields: draftOf(endpointFields(kinds, type), value ?? {}), password: NO_PASSWORD, passwords: {} };
}

export function endpointFields(kinds: readonly Kind[], type: string): readonly Field[] {
  const kind = kinds.find((candidate) => candidate.type === type);
  return kind === undefined ? [] : fieldsOf(kind.schema as JsonSchema).filter((field) => field.name !== 'password');
}

/** The extract type that is chosen, or holds where none is. */
export function extractTypeOf(fields: readonly Field[], written: unknown): string {
  const field = fields.find(({ name }) => name === 'extractType');
  const chosen = scalarText(written);
  return chosen !== '' || field === undefined || !('fallback' in field) ? chosen : scalarText(field.fallback);
}

/** The fields that go with the extract type that is chosen. */
function shownFields(fields: readonly Field[], draft: Draft): Field[] {
  const extractType = extractTypeOf(fields, draft['extractType']);
  return fields.filter((field) => isFor(field, extractType));
}

/** Another kind: what both have in common stays as it was typed; a port is the default of the new kind. */
export function withType(kinds: readonly Kind[], draft: EndpointDraft, type: string): EndpointDraft {
  const fields = endpointFields(kinds, type);
  const kept = Object.entries(draft.fields).filter(
    ([name, entry]) => name !== 'port' && fields.some((field) => field.name === name && mayHold(field, entry)),
  );
  return { ...draft, type, fields: { ...draftOf(fields, {}), ...Object.fromEntries(kept) } };
}

function mayHold(field: Field, entry: Entry): boolean {
  if (field.tag === 'choice') return field.values.some((value) => scalarText(value) === entry);
  return typeof entry === 'string' || (field.tag === 'group' && isGroup(entry));
}

/** As it is saved. What goes with another extract type alone stays where it was saved with this one, and goes where that is a new choice. */
export function endpointValue(
  kinds: readonly Kind[],
  draft: EndpointDraft,
  saved: Readonly<Record<string, unknown>> | null,
): Record<string, unknown> {
  const fields = endpointFields(kinds, draft.type);
  // Names of another kind would be refused as unknown ones.
  const before = saved?.['type'] === draft.type ? saved : {};
  const shown = shownFields(fields, draft.fields);
  const isSameExtract =
    extractTypeOf(fields, before['extractType']) === extractTypeOf(fields, draft.fields['extractType']);
  const hidden = new Set(isSameExtract ? [] : fields.filter((field) => !shown.includes(field)).map(({ name }) => name));
  const kept = Object.fromEntries(Object.entries(before).filter(([name]) => !hidden.has(name)));
  return { type: draft.type, ...valueOf(shown, draft.fields, kept) };
}

/** New passwords of other databases that are shown, by the names of their fields. */
export function newPasswords(kinds: readonly Kind[], draft: EndpointDraft): Record<string, string> {
  const shown = shownFields(endpointFields(kinds, draft.type), draft.fields);
  const given = shown.flatMap(({ name }) => {
    const password = draft.passwords[name]?.password ?? '';
    return password === '' ? [] : [[name, password] as const];
  });
  return Object.fromEntries(given);
}

/** Which passwords are saved: that of the section, and those of other databases by the names of their fields. */
export interface SavedPasswords {
  readonly password: 'set' | 'missing' | null;
  readonly passwords: Readonly<Record<string, 'set' | 'missing'>>;
}

/** By path of the field, from the form alone. */
export function endpointProblems(
  kinds: readonly Kind[],
  draft: EndpointDraft,
  saved: SavedPasswords,
): ReadonlyMap<string, string> {
  const shown = shownFields(endpointFields(kinds, draft.type), draft.fields);
  const problems = new Map(draftProblems(shown, draft.fields));
  const judge = (path: string, { password, repeated }: PasswordDraft, isSet: boolean) => {
    if (password === '' && !isSet) problems.set(path, 'Must be given');
    if (password !== repeated) problems.set(path, 'The two passwords differ');
  };
  judge('password', draft.password, saved.password === 'set');
  for (const field of shown) {
    if (field.tag !== 'group' || !field.hasPassword) continue;
    judge(`${field.name}.password`, draft.passwords[field.name] ?? NO_PASSWORD, saved.passwords[field.name] === 'set');
  }
  return problems;
}
