import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import { lazy, Suspense, useState, type ReactElement } from 'react';
import { Loading } from '../../frame/page-outlet.tsx';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { counted } from '../../words/numbers.ts';
import { browserZone } from '../../words/times.ts';
import { useTransfers } from './use-transfers.ts';

/** Charts are large: they come after the figures. */
const TransfersChart = lazy(() => import('./transfers-chart.tsx'));

/** Records transferred, by the hours of a day or by the days of this month. */
export function TransfersCard({ instance }: { instance: string }): ReactElement {
  const [by, setBy] = useState('hours');
  const zone = browserZone();
  const { data, problem, refresh } = useTransfers(instance, zone);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={
            data === null ? null : `${counted(data.records, 'record')} in the last 24 hours. Times in ${zone}`
          }
          actions={
            <SegmentedControl
              label="Bars"
              selectedId={by}
              options={[
                { id: 'hours', text: 'Hourly' },
                { id: 'days', text: 'Daily' },
              ]}
              onChange={({ detail }) => setBy(detail.selectedId)}
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
          <TransfersChart transfers={data} by={by === 'days' ? 'days' : 'hours'} />
        </Suspense>
      )}
    </Container>
  );
}
