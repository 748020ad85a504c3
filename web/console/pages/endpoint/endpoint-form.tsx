import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState, type ReactElement } from 'react';
import type { Configuration } from '../../../api/schemas/configuration.ts';
import type { Problem } from '../../api/problem.ts';
import { scalarText } from '../../forms/draft.ts';
import { tabsOf } from '../../forms/labels.ts';
import { placedIn } from '../../forms/placed-in.ts';
import { Findings } from '../../problem/findings.tsx';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import {
  endpointDraft,
  endpointFields,
  endpointProblems,
  extractTypeOf,
  withType,
  type Kind,
} from './endpoint-draft.ts';
import { useEndpointActions } from './endpoint-actions.ts';
import { EndpointTabs, tabIdOf } from './endpoint-tabs.tsx';
import { ExtractTypeSelect, KindSelect } from './kind-selects.tsx';

export interface EndpointFormProperties {
  readonly instance: string;
  readonly section: 'source' | 'destination';
  readonly kinds: readonly Kind[];
  readonly configuration: Configuration;
  readonly isReadOnly: boolean;
  readonly onSaved: (configuration: Configuration) => void;
  readonly onReload: () => void;
}

/** The dialog of the vendor's product as a page: kind, tabs, Test, Apply. */
export function EndpointForm(properties: EndpointFormProperties): ReactElement {
  const { section, kinds, configuration, isReadOnly } = properties;
  const saved = configuration.sections[section];
  const [draft, setDraft] = useState(() => endpointDraft(kinds, saved.value));
  const [isJudged, setIsJudged] = useState(false);
  const [tab, setTab] = useState('connection');
  const actions = useEndpointActions(properties, draft);
  const fields = endpointFields(kinds, draft.type);
  const extractType = fields.find((field) => field.name === 'extractType');
  const chosenExtract = extractTypeOf(fields, draft.fields['extractType']);
  const tabs = tabsOf(fields, chosenExtract);
  const own = endpointProblems(kinds, draft, saved);
  const problems = isJudged ? new Map([...placedIn(section, actions.problem), ...own]) : new Map<string, string>();
  const whenSound = (work: () => void) => () => {
    setIsJudged(true);
    const first = [...own.keys()][0];
    if (first === undefined) work();
    else setTab(tabIdOf(tabs, first.split('.')[0] ?? ''));
  };
  return (
    <Form
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button loading={actions.isTesting} disabled={isReadOnly} onClick={whenSound(actions.test)}>
            Test
          </Button>
          <Button variant="primary" loading={actions.isSaving} disabled={isReadOnly} onClick={whenSound(actions.save)}>
            Apply
          </Button>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        <Container>
          <ColumnLayout columns={2}>
            <KindSelect
              section={section}
              kinds={kinds}
              type={draft.type}
              disabled={isReadOnly}
              onChoose={(type) => setDraft(withType(kinds, draft, type))}
            />
            {extractType?.tag === 'choice' ? (
              <ExtractTypeSelect
                values={extractType.values.map(scalarText)}
                chosen={chosenExtract}
                disabled={isReadOnly}
                onChoose={(value) => setDraft({ ...draft, fields: { ...draft.fields, extractType: value } })}
              />
            ) : null}
          </ColumnLayout>
        </Container>
        <EndpointTabs
          firstTab={section === 'source' ? 'Database' : (kinds.find(({ type }) => type === draft.type)?.label ?? '')}
          tabs={tabs}
          tab={tabs.databases.some(({ name }) => name === tab) || tab === 'advanced' ? tab : 'connection'}
          onTab={setTab}
          draft={draft}
          onChange={setDraft}
          problems={problems}
          saved={saved}
          isReadOnly={isReadOnly}
        />
        <Outcome actions={actions} onReload={properties.onReload} />
      </SpaceBetween>
    </Form>
  );
}

interface OutcomeProperties {
  readonly actions: ReturnType<typeof useEndpointActions>;
  readonly onReload: () => void;
}

function Outcome({ actions, onReload }: OutcomeProperties): ReactElement {
  const { problem, tested } = actions;
  return (
    <div aria-live="polite">
      {problem === null ? null : (
        <ProblemAlert problem={problem} {...(isConflict(problem) ? { retry: onReload } : {})} />
      )}
      {tested === null || problem !== null ? null : (
        <Findings {...tested} failed="The test failed" passed="The test passed" />
      )}
    </div>
  );
}

/** Somebody else changed the file meanwhile: what it says now has to be read first. */
function isConflict({ status }: Problem): boolean {
  return status === 409;
}
