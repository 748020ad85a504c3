import { useState } from 'react';
import type { Configuration, SectionValue } from '../../../api/schemas/configuration.ts';
import type { TestAnswer } from '../../../api/schemas/values.ts';
import { call } from '../../api/client.ts';
import type { Problem } from '../../api/problem.ts';
import { useAction } from '../../api/use-action.ts';
import type { Field } from '../../forms/field.ts';
import { useNotify } from '../../frame/notifications.tsx';
import { sectionValue, type SectionDraft, type SectionPart } from './section-draft.ts';

const SAVED: Readonly<Record<SectionPart, string>> = {
  history: 'The settings of history are saved',
  extracts: 'The settings of extracts are saved',
  structure: 'What happens with changes of structure is saved',
  policies: 'The policies are saved',
  email: 'The settings of mail are saved',
  aws: 'The settings of AWS are saved',
  awsProxy: 'The settings of the proxy are saved',
};
/** What may be there or not. */
const OPTIONAL: ReadonlySet<SectionPart> = new Set(['email', 'aws', 'awsProxy']);

interface Edited {
  readonly instance: string;
  readonly part: SectionPart;
  readonly configuration: Configuration;
  readonly fields: readonly Field[];
  readonly draft: SectionDraft;
}

export interface SectionActions {
  readonly save: () => void;
  /** Null: it is always there. */
  readonly remove: (() => void) | null;
  /** Null: there is nothing to test. */
  readonly test: (() => void) | null;
  readonly isSaving: boolean;
  readonly isTesting: boolean;
  /** Of the last one that failed. */
  readonly problem: Problem | null;
  readonly tested: TestAnswer | null;
}

/** Apply, Test and Delete of a section. */
export function useSectionActions(
  { instance, part, configuration, fields, draft }: Edited,
  onSaved: (configuration: Configuration) => void,
): SectionActions {
  const notify = useNotify();
  const [tested, setTested] = useState<TestAnswer | null>(null);
  // What a form holds is text, numbers, flags and mappings of them: JSON.
  const value = () => sectionValue(fields, draft, configuration.sections[part].value) as SectionValue;
  const password = draft.password.password === '' ? {} : { password: draft.password.password };
  const put = useAction(async (signal, body: { value: SectionValue; password?: string }, said: string) => {
    const next = await call('PUT /instances/{name}/configuration/{section}', {
      parameters: { name: instance, section: part },
      body: { ...body, version: configuration.version },
      signal,
    });
    notify({ type: 'success', header: said });
    onSaved(next);
  });
  const test = useAction(async (signal) => {
    setTested(null);
    const body = { value: value(), ...password };
    const parameters = { name: instance };
    setTested(
      await (part === 'aws'
        ? call('POST /instances/{name}/aws/test', { parameters, body, signal })
        : call('POST /instances/{name}/email/test', { parameters, body, signal })),
    );
  });
  return {
    save: () => {
      test.forget();
      put.run({ value: value(), ...password }, SAVED[part]);
    },
    remove: OPTIONAL.has(part) ? () => put.run({ value: {} }, 'They are deleted') : null,
    test:
      part === 'email' || part === 'aws'
        ? () => {
            put.forget();
            test.run();
          }
        : null,
    isSaving: put.isRunning,
    isTesting: test.isRunning,
    problem: put.problem ?? test.problem,
    tested,
  };
}
