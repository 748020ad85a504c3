import { useState } from 'react';
import type { SectionValue } from '../../../api/schemas/configuration.ts';
import type { TestAnswer } from '../../../api/schemas/values.ts';
import { call } from '../../api/client.ts';
import type { Problem } from '../../api/problem.ts';
import { useAction } from '../../api/use-action.ts';
import { useNotify } from '../../frame/notifications.tsx';
import { endpointValue, newPasswords, type EndpointDraft } from './endpoint-draft.ts';
import type { EndpointFormProperties } from './endpoint-form.tsx';

interface EndpointActions {
  readonly isTesting: boolean;
  readonly isSaving: boolean;
  readonly test: () => void;
  readonly save: () => void;
  /** Of the last one that failed. */
  readonly problem: Problem | null;
  readonly tested: TestAnswer | null;
}

/** Test and Apply. */
export function useEndpointActions(properties: EndpointFormProperties, draft: EndpointDraft): EndpointActions {
  const { instance, section, kinds, configuration, onSaved } = properties;
  const notify = useNotify();
  const [tested, setTested] = useState<TestAnswer | null>(null);
  // What a form holds is text, numbers, flags and mappings of them: JSON.
  const value = () => endpointValue(kinds, draft, configuration.sections[section].value) as SectionValue;
  const passwords = {
    ...(draft.password.password === '' ? {} : { password: draft.password.password }),
    passwords: newPasswords(kinds, draft),
  };
  const test = useAction(async (signal) => {
    setTested(null);
    const parameters = { name: instance };
    const body = { value: value(), ...passwords };
    setTested(
      await (section === 'source'
        ? call('POST /instances/{name}/source/test', { parameters, body, signal })
        : call('POST /instances/{name}/destination/test', { parameters, body, signal })),
    );
  });
  const save = useAction(async (signal) => {
    const body = { value: value(), version: configuration.version, ...passwords };
    const saved = await call('PUT /instances/{name}/configuration/{section}', {
      parameters: { name: instance, section },
      body,
      signal,
    });
    notify({ type: 'success', header: section === 'source' ? 'The source is saved' : 'The destination is saved' });
    onSaved(saved);
  });
  return {
    isTesting: test.isRunning,
    isSaving: save.isRunning,
    test: () => {
      save.forget();
      test.run();
    },
    save: () => {
      test.forget();
      save.run();
    },
    problem: save.problem ?? test.problem,
    tested,
  };
}
