import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactElement } from 'react';
import { call } from '../../api/client.ts';
import { useMayOperate } from '../../api/session.ts';
import { useAction } from '../../api/use-action.ts';
import { useNotify } from '../../frame/notifications.tsx';
import { ProblemAlert } from '../../problem/problem-alert.tsx';

interface Properties {
  readonly instance: string;
  readonly onStarted: () => void;
}

/** The last step of set-up: every table is copied once, and its changes are followed from then on. */
export function FirstFullExtract({ instance, onStarted }: Properties): ReactElement {
  const notify = useNotify();
  const mayOperate = useMayOperate();
  const start = useAction(async (signal) => {
    const parameters = { name: instance };
    await call('POST /instances/{name}/operations', { parameters, body: { kind: 'full-extract' }, signal });
    notify({ type: 'info', header: 'The full extract is started' });
    onStarted();
  });
  return (
    <SpaceBetween size="xs">
      <Button disabled={!mayOperate} loading={start.isRunning} onClick={() => start.run()}>
        Full extract
      </Button>
      {start.problem === null ? null : <ProblemAlert problem={start.problem} />}
    </SpaceBetween>
  );
}
