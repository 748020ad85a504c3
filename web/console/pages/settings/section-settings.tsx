import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState, type ReactElement } from 'react';
import type { Configuration, ConfigurationSchemas, SectionValue } from '../../../api/schemas/configuration.ts';
import { call } from '../../api/client.ts';
import { configurationKey, useConfiguration, useConfigurationSchemas } from '../../api/instance-calls.ts';
import { useMayOperate } from '../../api/session.ts';
import { useAction } from '../../api/use-action.ts';
import { useResourceStore } from '../../api/use-resource.ts';
import { draftOf, draftProblems, valueOf } from '../../forms/draft.ts';
import { fieldsOf } from '../../forms/field.ts';
import { SettingsFields } from '../../forms/settings-fields.tsx';
import { useNotify } from '../../frame/notifications.tsx';
import { Loading } from '../../frame/page-outlet.tsx';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { placedIn } from '../../forms/placed-in.ts';

/** Sections of the configuration that have no page of their own. */
export type SectionPart = 'history' | 'extracts' | 'structure' | 'policies';

const SAVED: Readonly<Record<SectionPart, string>> = {
  history: 'The settings of history are saved',
  extracts: 'The settings of extracts are saved',
  structure: 'What happens with changes of structure is saved',
  policies: 'The policies are saved',
};

interface Properties {
  readonly instance: string;
  readonly part: SectionPart;
}

/** A section as a form, made of its schema. */
export function SectionSettings({ instance, part }: Properties): ReactElement {
  const configuration = useConfiguration(instance);
  const schemas = useConfigurationSchemas();
  const problem = configuration.problem ?? schemas.problem;
  const retry = () => {
    configuration.refresh();
    schemas.refresh();
  };
  if (configuration.data === null || schemas.data === null) {
    return problem === null ? <Loading /> : <ProblemAlert problem={problem} retry={retry} />;
  }
  return (
    <SpaceBetween size="m">
      {configuration.data.writable ? null : (
        <Alert type="info">
          The configuration is deployed ({configuration.data.place}): it is changed there, not here.
        </Alert>
      )}
      <SectionForm
        // What the file says anew is shown anew.
        key={configuration.data.version}
        {...{ instance, part }}
        configuration={configuration.data}
        schemas={schemas.data}
        onReload={configuration.refresh}
      />
    </SpaceBetween>
  );
}

interface FormProperties extends Properties {
  readonly configuration: Configuration;
  readonly schemas: ConfigurationSchemas;
  readonly onReload: () => void;
}

function SectionForm({ instance, part, configuration, schemas, onReload }: FormProperties): ReactElement {
  const mayOperate = useMayOperate();
  const store = useResourceStore();
  const notify = useNotify();
  const isReadOnly = !configuration.writable || !mayOperate;
  const saved = configuration.sections[part].value;
  // Schemas come as JSON Schema; the form reads the part of it that it knows.
  const fields = fieldsOf(schemas[part]);
  const [draft, setDraft] = useState(() => draftOf(fields, saved));
  const save = useAction(async (signal) => {
    const value = valueOf(fields, draft, saved) as SectionValue;
    const next = await call('PUT /instances/{name}/configuration/{section}', {
      parameters: { name: instance, section: part },
      body: { value, version: configuration.version },
      signal,
    });
    notify({ type: 'success', header: SAVED[part] });
    store.put(configurationKey(instance), next);
  });
  const own = draftProblems(fields, draft);
  return (
    <Form
      actions={
        <Button
          variant="primary"
          loading={save.isRunning}
          disabled={isReadOnly}
          onClick={() => {
            if (own.size === 0) save.run();
          }}
        >
          Apply
        </Button>
      }
    >
      <Container>
        <SettingsFields
          fields={fields}
          draft={draft}
          onChange={setDraft}
          problems={new Map([...placedIn(part, save.problem), ...own])}
          disabled={isReadOnly}
        />
      </Container>
      <div aria-live="polite">
        {save.problem === null ? null : (
          <ProblemAlert problem={save.problem} {...(save.problem.status === 409 ? { retry: onReload } : {})} />
        )}
      </div>
    </Form>
  );
}
