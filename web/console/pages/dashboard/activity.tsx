import Alert from '@cloudscape-design/components/alert';
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import type { ReactElement } from 'react';
import type { Activity, Dashboard } from '../../../api/schemas/dashboard.ts';
import { Remedy } from '../../problem/remedy.tsx';
import { durationText } from '../../words/times.ts';
import { Moment } from '../../words/moment.tsx';

const STATES: Readonly<Record<Activity['state'], { type: StatusIndicatorProps.Type; text: string }>> = {
  incomplete: { type: 'pending', text: 'Set-up is not finished' },
  off: { type: 'stopped', text: 'Off' },
  working: { type: 'success', text: 'Replicating' },
  operation: { type: 'in-progress', text: 'An operation is at work' },
  halted: { type: 'error', text: 'Halted' },
  elsewhere: { type: 'info', text: 'At work in another process' },
};

/** In one line: what it does, and how far it is behind. */
export function ActivityState({ dashboard }: { dashboard: Dashboard }): ReactElement {
  const { activity, lag } = dashboard;
  const { type, text } = STATES[activity.state];
  const behind = lag.milliseconds === 0 ? 'all extracts are loaded' : `${durationText(lag.milliseconds)} behind`;
  return (
    <span aria-live="polite">
      <StatusIndicator type={type}>{text}</StatusIndicator>
      {activity.message === '' || activity.state === 'halted' ? null : ` · ${activity.message}`}
      {activity.state === 'working' || activity.state === 'operation' ? ` · ${behind}` : null}
    </span>
  );
}

/** What somebody has to mend before it goes on. */
export function Halt({ activity }: { activity: Activity }): ReactElement | null {
  if (activity.state !== 'halted') return null;
  return (
    <Alert type="error" header="Halted: this has to be mended first">
      <div>{activity.message}</div>
      {activity.since === null ? null : (
        <div>
          Since: <Moment at={activity.since} />
        </div>
      )}
      {activity.remedy === null ? null : <Remedy text={activity.remedy} />}
    </Alert>
  );
}
