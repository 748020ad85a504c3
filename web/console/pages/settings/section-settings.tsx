import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState, type ReactElement } from 'react';
import type { Configuration, ConfigurationSchemas } from '../../../api/schemas/configuration.ts';
import { configurationKey, useConfiguration, useConfigurationSchemas } from '../../api/instance-calls.ts';
import { useMayOperate } from '../../api/session.ts';
import { useResourceStore } from '../../api/use-resource.ts';
import { PasswordFields } from '../../forms/password-fields.tsx';
import { placedIn } from '../../forms/placed-in.ts';
import { isWide, SettingsFields } from '../../forms/settings-fields.tsx';
import { Loading } from '../../frame/page-outlet.tsx';
import { Findings } from '../../problem/findings.tsx';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { useSectionActions } from './section-actions.ts';
import { sectionDraft, sectionFields, sectionProblems, type SectionPart } from './section-draft.ts';

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

const SECRET_KEY = { label: 'AWS secret key', confirm: 'Confirm AWS secret key' };

interface FormProperties extends Properties {
  readonly configuration: Configuration;
  readonly schemas: ConfigurationSchemas;
  readonly onReload: () => void;
}

function SectionForm({ instance, part, configuration, schemas, onReload }: FormProperties): ReactElement {
  const mayOperate = useMayOperate();
  const store = useResourceStore();
  const isReadOnly = !configuration.writable || !mayOperate;
  const saved = configuration.sections[part];
  const fields = sectionFields(schemas, part);
  const [draft, setDraft] = useState(() => sectionDraft(fields, saved.value));
  const [isJudged, setIsJudged] = useState(false);
  const actions = useSectionActions({ instance, part, configuration, fields, draft }, (next) =>
    store.put(configurationKey(instance), next),
  );
  const own = sectionProblems(fields, draft);
  const problems = isJudged ? new Map([...placedIn(part, actions.problem), ...own]) : new Map<string, string>();
  const whenSound = (work: () => void) => () => {
    setIsJudged(true);
    if (own.size === 0) work();
  };
  const shown = (some: typeof fields) =>
    some.length === 0 ? null : (
      <SettingsFields
        fields={some}
        draft={draft.fields}
        onChange={(next) => setDraft({ ...draft, fields: next })}
        problems={problems}
        disabled={isReadOnly}
      />
    );
  return (
    <Form
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          {actions.remove === null ? null : (
            <Button disabled={isReadOnly || saved.value === null || actions.isSaving} onClick={actions.remove}>
              Delete
            </Button>
          )}
          {actions.test === null ? null : (
            <Button loading={actions.isTesting} disabled={isReadOnly} onClick={whenSound(actions.test)}>
              Test
            </Button>
          )}
          <Button variant="primary" loading={actions.isSaving} disabled={isReadOnly} onClick={whenSound(actions.save)}>
            Apply
          </Button>
        </SpaceBetween>
      }
    >
      <Container>
        <SpaceBetween size="l">
          {shown(fields.filter((field) => !isWide(field)))}
          {saved.password === null ? null : (
            <PasswordFields
              draft={draft.password}
              onChange={(next) => setDraft({ ...draft, password: next })}
              isSet={saved.password === 'set'}
              problem={problems.get('password') ?? null}
              disabled={isReadOnly}
              {...(part === 'aws' ? { names: SECRET_KEY } : {})}
            />
          )}
          {shown(fields.filter(isWide))}
        </SpaceBetween>
      </Container>
      <div aria-live="polite">
        {actions.problem === null ? null : (
          <ProblemAlert problem={actions.problem} {...(actions.problem.status === 409 ? { retry: onReload } : {})} />
        )}
        {actions.tested === null || actions.problem !== null ? null : (
          <Findings {...actions.tested} failed="The test failed" passed="The test passed" />
        )}
      </div>
    </Form>
  );
}
