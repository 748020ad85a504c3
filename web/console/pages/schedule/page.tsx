import Alert from '@cloudscape-design/components/alert';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactElement } from 'react';
import { configurationKey, useConfiguration, useDashboard } from '../../api/instance-calls.ts';
import { useMayOperate } from '../../api/session.ts';
import { useResourceStore } from '../../api/use-resource.ts';
import { Loading } from '../../frame/page-outlet.tsx';
import type { PageProperties } from '../../frame/pages.ts';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { ScheduleCard } from '../dashboard/schedule-card.tsx';
import { ScheduleForm } from './schedule-form.tsx';

/** The schedule, its next run, and the switch of the scheduler. */
export default function SchedulePage({ instance }: PageProperties): ReactElement {
  const configuration = useConfiguration(instance);
  const dashboard = useDashboard(instance);
  const store = useResourceStore();
  const mayOperate = useMayOperate();
  const { data } = configuration;
  return (
    <ContentLayout
      header={
        <Header variant="h1" description="When changes are extracted and loaded.">
          Schedule
        </Header>
      }
    >
      <SpaceBetween size="l">
        {dashboard.problem === null ? null : <ProblemAlert problem={dashboard.problem} retry={dashboard.refresh} />}
        {dashboard.data === null ? null : <ScheduleCard instance={instance} dashboard={dashboard.data} isOwnPage />}
        {configuration.problem === null ? null : (
          <ProblemAlert problem={configuration.problem} retry={configuration.refresh} />
        )}
        {data === null ? (
          configuration.problem === null ? (
            <Loading />
          ) : null
        ) : (
          <>
            {data.writable ? null : (
              <Alert type="info">The configuration is deployed ({data.place}): it is changed there, not here.</Alert>
            )}
            <ScheduleForm
              // What the file says anew is shown anew; what is typed here is about the version that was read.
              key={data.version}
              instance={instance}
              configuration={data}
              isReadOnly={!data.writable || !mayOperate}
              onSaved={(next) => {
                store.put(configurationKey(instance), next);
                dashboard.refresh();
              }}
              onReload={configuration.refresh}
            />
          </>
        )}
      </SpaceBetween>
    </ContentLayout>
  );
}
