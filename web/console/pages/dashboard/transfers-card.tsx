import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import { lazy, Suspense, useState, type ReactElement } from 'react';
import { call } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import { Loading } from '../../frame/page-outlet.tsx';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { counted } from '../../words/numbers.ts';
import { browserZone } from '../../words/times.ts';

/** Charts are large: they come after the figures. */
const TransfersChart = lazy(() => import('./transfers-chart.tsx'));

const REFRESH_SECONDS = 15;

/** Records transferred, by the hours of a day or by the days of this month. */
export function TransfersCard({ instance }: { instance: string }): ReactElement {
  const [by, setBy] = useState<'hour' | 'day'>('hour');
  const zone = browserZone();
  const { data, problem, refresh } = useResource(
    `${instance} transfers ${by} ${zone}`,
    (signal) =>
      call('GET /instances/{name}/transfers', { parameters: { name: instance }, query: { by, zone }, signal }),
    REFRESH_SECONDS,
  );
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={
            data === null ? null : `${counted(data.last24Hours, 'record')} in the last 24 hours. Times in ${zone}`
          }
          actions={
            <SegmentedControl
              label="Bars"
              selectedId={by}
              options={[
                { id: 'hour', text: 'Hourly' },
                { id: 'day', text: 'Daily' },
              ]}
              onChange={({ detail }) => setBy(detail.selectedId === 'day' ? 'day' : 'hour')}
            />
          }
        >
          Records transferred
        </Header>
      }
    >
      {problem === null ? null : <ProblemAlert problem={problem} retry={refresh} />}
      {data === null ? null : (
        <Suspense fallback={<Loading />}>
          <TransfersChart transfers={data} />
        </Suspense>
      )}
    </Container>
  );
}
