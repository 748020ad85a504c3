import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState, type ReactElement } from 'react';
import type { Configuration } from '../../../api/schemas/configuration.ts';
import { call } from '../../api/client.ts';
import { useAction } from '../../api/use-action.ts';
import { placedIn } from '../../forms/placed-in.ts';
import { useNotify } from '../../frame/notifications.tsx';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { browserZone } from '../../words/times.ts';
import { KINDS, scheduleDraft, scheduleProblems, scheduleValue, type ScheduleKind } from './schedule-draft.ts';
import { ScheduleFields } from './schedule-fields.tsx';

const WORDS: Readonly<Record<ScheduleKind, readonly [label: string, description: string]>> = {
  automatic: ['Automatic', 'Changes are followed without a pause.'],
  manual: ['Manual', 'Nothing runs by itself; Manual Delta on the page Operations does it.'],
  periodic: ['Periodic', 'A run after every period.'],
  daily: ['Daily', 'A run every day.'],
  weekly: ['Weekly', 'A run on some days of every week.'],
  monthly: ['Monthly', 'A run on a day of every month.'],
};

interface Properties {
  readonly instance: string;
  readonly configuration: Configuration;
  readonly isReadOnly: boolean;
  readonly onSaved: (configuration: Configuration) => void;
  readonly onReload: () => void;
}

/** When changes are extracted and loaded. */
export function ScheduleForm({ instance, configuration, isReadOnly, onSaved, onReload }: Properties): ReactElement {
  const notify = useNotify();
  const saved = configuration.sections.schedule.value;
  const [draft, setDraft] = useState(() => scheduleDraft(saved, browserZone()));
  const [isJudged, setIsJudged] = useState(false);
  const save = useAction(async (signal) => {
    const next = await call('PUT /instances/{name}/configuration/{section}', {
      parameters: { name: instance, section: 'schedule' },
      body: { value: scheduleValue(draft, saved), version: configuration.version },
      signal,
    });
    notify({ type: 'success', header: 'The schedule is saved' });
    onSaved(next);
  });
  const own = scheduleProblems(draft);
  const problems = isJudged ? new Map([...placedIn('schedule', save.problem), ...own]) : new Map<string, string>();
  const apply = () => {
    setIsJudged(true);
    if (own.size === 0) save.run();
  };
  return (
    <Form
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button disabled={isReadOnly} onClick={() => setDraft(scheduleDraft(saved, browserZone()))}>
            Discard
          </Button>
          <Button variant="primary" loading={save.isRunning} disabled={isReadOnly} onClick={apply}>
            Apply
          </Button>
        </SpaceBetween>
      }
    >
      <Container header={<Header variant="h2">When it runs</Header>}>
        <SpaceBetween size="l">
          <FormField label="Kind">
            <RadioGroup
              value={draft.kind}
              items={KINDS.map((value) => ({
                value,
                label: WORDS[value][0],
                description: WORDS[value][1],
                disabled: isReadOnly,
              }))}
              onChange={({ detail }) => {
                save.forget();
                setDraft({ ...draft, kind: KINDS.find((kind) => kind === detail.value) ?? 'automatic' });
              }}
            />
          </FormField>
          <ScheduleFields draft={draft} onChange={setDraft} problems={problems} disabled={isReadOnly} />
          <div aria-live="polite">
            {save.problem === null ? null : (
              <ProblemAlert problem={save.problem} {...(save.problem.status === 409 ? { retry: onReload } : {})} />
            )}
          </div>
        </SpaceBetween>
      </Container>
    </Form>
  );
}
