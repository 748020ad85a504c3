import ContentLayout from '@cloudscape-design/components/content-layout';
import Grid from '@cloudscape-design/components/grid';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactElement } from 'react';
import type { Dashboard } from '../../../api/schemas/dashboard.ts';
import { useDashboard } from '../../api/instance-calls.ts';
import { Loading } from '../../frame/page-outlet.tsx';
import type { PageProperties } from '../../frame/pages.ts';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { ActivityState, Halt } from './activity.tsx';
import { Checklist } from './checklist.tsx';
import { DestinationCard, SourceCard } from './endpoint-cards.tsx';
import { LogTail } from './log-tail.tsx';
import { CopyProgress } from './copy-progress.tsx';
import { ScheduleCard } from './schedule-card.tsx';
import { TablesCard } from './tables-card.tsx';
import { TransfersCard } from './transfers-card.tsx';

/** Where an instance stands, live. */
export default function DashboardPage({ instance }: PageProperties): ReactElement {
  const { data, problem, refresh } = useDashboard(instance);
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={data === null ? null : <ActivityState dashboard={data} />}>
          Dashboard
        </Header>
      }
    >
      <SpaceBetween size="l">
        {problem === null ? null : <ProblemAlert problem={problem} retry={refresh} />}
        {data === null ? (
          problem === null ? (
            <Loading />
          ) : null
        ) : (
          <Content instance={instance} dashboard={data} refresh={refresh} />
        )}
      </SpaceBetween>
    </ContentLayout>
  );
}

const HALVES = [{ colspan: { default: 12, m: 6 } }, { colspan: { default: 12, m: 6 } }];

interface ContentProperties extends PageProperties {
  readonly dashboard: Dashboard;
  readonly refresh: () => void;
}

function Content({ instance, dashboard, refresh }: ContentProperties): ReactElement {
  const isSetUp = dashboard.checklist.every((step) => step.done);
  return (
    <SpaceBetween size="l">
      <Halt activity={dashboard.activity} />
      {isSetUp ? null : (
        <Checklist
          instance={instance}
          steps={dashboard.checklist}
          isBusy={dashboard.activity.state === 'operation'}
          onStarted={refresh}
        />
      )}
      <Grid gridDefinition={HALVES}>
        <SourceCard instance={instance} source={dashboard.source} />
        <DestinationCard instance={instance} destination={dashboard.destination} />
      </Grid>
      <Grid gridDefinition={HALVES}>
        <TablesCard instance={instance} dashboard={dashboard} isSetUp={isSetUp} />
        <ScheduleCard instance={instance} dashboard={dashboard} />
      </Grid>
      <CopyProgress rows={dashboard.progress} total={dashboard.progressTotal} />
      <TransfersCard instance={instance} />
      <Grid gridDefinition={HALVES}>
        <LogTail instance={instance} kind="source" title="Source log" />
        <LogTail instance={instance} kind="destination" title="Destination log" />
      </Grid>
    </SpaceBetween>
  );
}
