import Alert from '@cloudscape-design/components/alert';
import { useCallback, type ReactElement, type ReactNode } from 'react';
import type { LiveEvent } from '../../api/schemas/live.ts';
import { call } from '../api/client.ts';
import { dashboardKey } from '../api/instance-calls.ts';
import { LiveProvider } from '../api/live.tsx';
import { useResource, useResourceStore } from '../api/use-resource.ts';
import { ProblemAlert } from '../problem/problem-alert.tsx';
import { Frame } from './frame.tsx';
import { Loading, PageOutlet } from './page-outlet.tsx';
import { PAGES } from './pages.ts';

interface Properties {
  readonly name: string;
  readonly path: string;
  readonly notifications: ReactNode;
}

/** One instance: its frame, its live events, and the page that the address names. */
export function InstanceView({ name, path, notifications }: Properties): ReactElement {
  const store = useResourceStore();
  const instance = useResource(`${name} instance`, (signal) =>
    call('GET /instances/{name}', { parameters: { name }, signal }),
  );
  const onEvent = useCallback(
    (event: LiveEvent) => {
      if (event.tag === 'dashboard') store.put(dashboardKey(name), event.dashboard);
      if (event.tag === 'operation') store.put(`${name} operation ${event.operation.id}`, event.operation);
    },
    [store, name],
  );
  const page = PAGES.find((candidate) => candidate.path === path) ?? null;
  const icon = instance.data?.icon ?? null;
  return (
    <Frame
      instance={{ name, iconText: icon?.text ?? null, iconColor: icon?.color ?? null }}
      page={page}
      notifications={notifications}
    >
      {instance.data === null && instance.problem !== null ? (
        <ProblemAlert problem={instance.problem} retry={instance.refresh} />
      ) : instance.data === null ? (
        <Loading />
      ) : (
        <LiveProvider instance={name} onEvent={onEvent}>
          {instance.data.elsewhere ? (
            <Alert type="info">
              Another process of this machine works for this instance. This console shows it and changes nothing.
            </Alert>
          ) : null}
          {page === null ? (
            <Alert type="warning" header="There is no such page" />
          ) : (
            <PageOutlet page={page} instance={name} />
          )}
        </LiveProvider>
      )}
    </Frame>
  );
}
