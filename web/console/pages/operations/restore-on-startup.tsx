import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import type { ReactElement } from 'react';
import { call } from '../../api/client.ts';
import { configurationKey, useConfiguration } from '../../api/instance-calls.ts';
import { useMayOperate } from '../../api/session.ts';
import { useAction } from '../../api/use-action.ts';
import { useResourceStore } from '../../api/use-resource.ts';
import { useNotify } from '../../frame/notifications.tsx';
import { ProblemAlert } from '../../problem/problem-alert.tsx';

/** Whether the instance starts as it was left; a setting of the section `schedule`. */
export function RestoreOnStartup({ instance }: { instance: string }): ReactElement | null {
  const configuration = useConfiguration(instance);
  const store = useResourceStore();
  const notify = useNotify();
  const mayOperate = useMayOperate();
  const { data } = configuration;
  const save = useAction(async (signal, restoreOnStartup: boolean) => {
    if (data === null) return;
    const value = { ...(data.sections.schedule.value ?? { type: 'automatic' }), restoreOnStartup };
    const saved = await call('PUT /instances/{name}/configuration/{section}', {
      parameters: { name: instance, section: 'schedule' },
      body: { value, version: data.version },
      signal,
    });
    store.put(configurationKey(instance), saved);
    notify({ type: 'success', header: `Restore on startup is ${restoreOnStartup ? 'on' : 'off'}` });
  });
  if (data === null) return null;
  return (
    <SpaceBetween size="xs">
      <Toggle
        checked={data.sections.schedule.value?.['restoreOnStartup'] !== false}
        disabled={!mayOperate || !data.writable || save.isRunning}
        onChange={({ detail }) => save.run(detail.checked)}
        description="On: the pipeline starts in the state in which it was. Off: it starts with the scheduler switched off."
      >
        Restore on startup
      </Toggle>
      {save.problem === null ? null : (
        <ProblemAlert
          problem={save.problem}
          {...(save.problem.status === 409 ? { retry: configuration.refresh } : {})}
        />
      )}
    </SpaceBetween>
  );
}
