import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactElement } from 'react';
import { useLocation } from 'wouter';
import type { Instance } from '../../../api/schemas/instances.ts';
import { call } from '../../api/client.ts';
import { useSession } from '../../api/session.ts';
import { useAction } from '../../api/use-action.ts';
import { useResource } from '../../api/use-resource.ts';
import { instancePath } from '../../frame/paths.ts';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { InstanceTable } from './instance-table.tsx';
import { NewInstance } from './new-instance.tsx';

const REFRESH_SECONDS = 10;

/** First start: a new instance, or one of the list, restored as it was. */
export default function StartPage(): ReactElement {
  const { canConfigure, role } = useSession();
  const [, navigate] = useLocation();
  const list = useResource('instances', (signal) => call('GET /instances', { signal }), REFRESH_SECONDS);
  const open = useAction(async (signal, instance: Instance) => {
    if (!instance.active && !instance.elsewhere && instance.complete && role === 'operator') {
      await call('POST /instances/{name}/open', { parameters: { name: instance.name }, signal });
    }
    navigate(instancePath(instance.name));
  });
  const mayMake = canConfigure && role === 'operator';
  const items = list.data?.items ?? [];
  return (
    <ContentLayout
      header={
        <Header variant="h1" description="An instance replicates one source database into one destination.">
          Instances
        </Header>
      }
    >
      <SpaceBetween size="l">
        {list.problem === null ? null : <ProblemAlert problem={list.problem} retry={list.refresh} />}
        {open.problem === null ? null : <ProblemAlert problem={open.problem} />}
        {mayMake ? <NewInstance onMade={(instance) => navigate(instancePath(instance.name))} /> : null}
        <InstanceTable
          instances={items}
          isLoading={list.data === null && list.problem === null}
          isOpening={open.isRunning}
          onOpen={open.run}
        />
      </SpaceBetween>
    </ContentLayout>
  );
}
