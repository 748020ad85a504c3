import Toggle from '@cloudscape-design/components/toggle';
import type { ReactElement } from 'react';
import type { Dashboard } from '../../../api/schemas/dashboard.ts';
import { call } from '../../api/client.ts';
import { dashboardKey } from '../../api/instance-calls.ts';
import { useMayOperate } from '../../api/session.ts';
import { useAction } from '../../api/use-action.ts';
import { useResourceStore } from '../../api/use-resource.ts';
import { instancePath } from '../../frame/paths.ts';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { Remedy } from '../../problem/remedy.tsx';
import { useNow } from '../../words/moment.tsx';
import { bytesText } from '../../words/numbers.ts';
import { agoText, timeText } from '../../words/times.ts';
import { Card } from './card.tsx';

const TYPES: Readonly<Record<string, string>> = {
  automatic: 'Run automatically',
  manual: 'Run by hand',
  periodic: 'Run periodically',
  daily: 'Run daily',
  weekly: 'Run weekly',
  monthly: 'Run monthly',
};

interface Properties {
  readonly instance: string;
  readonly dashboard: Dashboard;
  /** It stands on the page that it would lead to. */
  readonly isOwnPage?: boolean;
}

/** When it runs, and the switch of the scheduler. */
export function ScheduleCard({ instance, dashboard, isOwnPage = false }: Properties): ReactElement {
  const { schedule, resources } = dashboard;
  const next = schedule.next === null ? '–' : schedule.next.isDue ? 'Now' : timeText(schedule.next.at);
  return (
    <Card
      title={isOwnPage ? 'Scheduler' : 'Schedule'}
      description={schedule.type === null ? 'Not set up yet' : (TYPES[schedule.type] ?? schedule.type)}
      {...(isOwnPage ? {} : { setUp: { href: instancePath(instance, '/schedule'), label: 'Set up the schedule' } })}
      pairs={[
        { label: 'Next run', value: next },
        ...(resources === null
          ? []
          : [
              { label: 'Disk free', value: sizeText(resources.diskFreeBytes) },
              { label: 'Memory used', value: sizeText(resources.memoryUsedBytes) },
              { label: 'Log that the source keeps', value: sizeText(resources.retainedBytes) },
            ]),
      ]}
    >
      <SchedulerSwitch instance={instance} dashboard={dashboard} />
    </Card>
  );
}

function sizeText(bytes: number | null): string {
  return bytes === null ? '–' : bytesText(bytes);
}

function SchedulerSwitch({ instance, dashboard }: { instance: string; dashboard: Dashboard }): ReactElement {
  const now = useNow();
  const store = useResourceStore();
  const mayOperate = useMayOperate();
  const { scheduler } = dashboard.schedule;
  const turn = useAction(async (signal, on: boolean) => {
    const parameters = { name: instance };
    const turned = await call('PUT /instances/{name}/scheduler', { parameters, body: { on }, signal });
    const schedule = { ...dashboard.schedule, scheduler: turned };
    store.put(dashboardKey(instance), { ...dashboard, schedule });
  });
  const since = scheduler.since === null ? '' : ` ${agoText(scheduler.since, now)}`;
  const by = scheduler.by === 'error' ? ' by an error' : '';
  return (
    <>
      <Toggle
        checked={scheduler.on}
        disabled={!mayOperate || turn.isRunning}
        onChange={({ detail }) => turn.run(detail.checked)}
        description={scheduler.reason}
      >
        Scheduler turned {scheduler.on ? 'ON' : 'OFF'}
        {since}
        {by}
      </Toggle>
      {scheduler.on || scheduler.remedy === null ? null : <Remedy text={scheduler.remedy} />}
      {turn.problem === null ? null : <ProblemAlert problem={turn.problem} />}
    </>
  );
}
