import type { ConfigurationSchemas } from '../../../api/schemas/configuration.ts';
import { draftOf, draftProblems, valueOf, type Draft } from '../../forms/draft.ts';
import { fieldsOf, type Field } from '../../forms/field.ts';
import { NO_PASSWORD, type PasswordDraft } from '../../forms/password-fields.tsx';

/** Sections of the configuration that have no page of their own. */
export type SectionPart = 'history' | 'extracts' | 'structure' | 'policies' | 'email' | 'aws' | 'awsProxy';

export interface SectionDraft {
  readonly fields: Draft;
  readonly password: PasswordDraft;
}

/** Schemas come as JSON Schema; the form reads the part of it that it knows. */
export function sectionFields(schemas: ConfigurationSchemas, part: SectionPart): readonly Field[] {
  return fieldsOf(schemas[part]);
}

export function sectionDraft(fields: readonly Field[], saved: unknown): SectionDraft {
  return { fields: draftOf(fields, saved), password: NO_PASSWORD };
}

export function sectionValue(fields: readonly Field[], { fields: draft }: SectionDraft, saved: unknown): unknown {
  return valueOf(fields, draft, saved);
}

export function sectionProblems(fields: readonly Field[], draft: SectionDraft): ReadonlyMap<string, string> {
  const problems = new Map(draftProblems(fields, draft.fields));
  const { password, repeated } = draft.password;
  if (password !== repeated) problems.set('password', 'The two passwords differ');
  return problems;
}
