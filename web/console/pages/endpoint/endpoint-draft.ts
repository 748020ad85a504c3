import { draftOf, draftProblems, valueOf, type Draft } from '../../forms/draft.ts';
import { fieldsOf, type Field, type JsonSchema } from '../../forms/field.ts';
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
}

/** The section as it is saved; of a new one nothing but the first kind. */
export function endpointDraft(kinds: readonly Kind[], value: Readonly<Record<string, unknown>> | null): EndpointDraft {
  const given = value?.['type'];
  const type = typeof given === 'string' ? given : (kinds[0]?.type ?? '');
  return { type, fields: draftOf(endpointFields(kinds, type), value ?? {}), password: NO_PASSWORD };
}

export function endpointFields(kinds: readonly Kind[], type: string): readonly Field[] {
  const kind = kinds.find((candidate) => candidate.type === type);
  return kind === undefined ? [] : fieldsOf(kind.schema as JsonSchema).filter((field) => field.name !== 'password');
}

/** Another kind: what both have in common stays as it was typed; a port is the default of the new kind. */
export function withType(kinds: readonly Kind[], draft: EndpointDraft, type: string): EndpointDraft {
  const fields = endpointFields(kinds, type);
  const kept = Object.entries(draft.fields).filter(
    ([name, entry]) => name !== 'port' && typeof entry === 'string' && fields.some((field) => field.name === name),
  );
  return { ...draft, type, fields: { ...draftOf(fields, {}), ...Object.fromEntries(kept) } };
}

export function endpointValue(
  kinds: readonly Kind[],
  draft: EndpointDraft,
  saved: Readonly<Record<string, unknown>> | null,
): Record<string, unknown> {
  const fields = endpointFields(kinds, draft.type);
  // Names of another kind would be refused as unknown ones.
  const before = saved?.['type'] === draft.type ? saved : {};
  return { type: draft.type, ...valueOf(fields, draft.fields, before) };
}

/** By path of the field, from the form alone. */
export function endpointProblems(
  kinds: readonly Kind[],
  draft: EndpointDraft,
  isPasswordSet: boolean,
): ReadonlyMap<string, string> {
  const problems = new Map(draftProblems(endpointFields(kinds, draft.type), draft.fields));
  const { password, repeated } = draft.password;
  if (password === '' && !isPasswordSet) problems.set('password', 'Must be given');
  if (password !== repeated) problems.set('password', 'The two passwords differ');
  return problems;
}
