import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { lazy, Suspense, useMemo, useState, type ReactElement } from 'react';
import { call } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import { DownloadButton } from '../../frame/download-button.tsx';
import { Loading } from '../../frame/page-outlet.tsx';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { FIRST_PAGE } from '../../api/pages-seen.ts';
import { TurnPages } from '../../frame/turn-pages.tsx';
import { monthBars, runBars, type PerformanceBar } from './performance-bars.ts';
import type { Choice } from './report-choice.tsx';
import { dayColumns, isPerformance, runColumns } from './report-kinds.ts';
import { ReportTable } from './report-table.tsx';

/** Charts are large: they come when one is shown. */
const PerformanceChart = lazy(() => import('./performance-chart.tsx'));

const PAGE_ROWS = 50;
const NO_ROWS: readonly never[] = [];

interface Properties {
  readonly instance: string;
  readonly choice: Choice;
  readonly zone: string;
}

/** Run Reports for Month, Performance for Month. */
export function MonthReport({ instance, choice, zone }: Properties): ReactElement {
  const month = choice.day.slice(0, 7);
  const query = { month, zone, ...tableOf(choice) };
  const { data, problem, refresh } = useResource(`${instance} report ${JSON.stringify(query)}`, (signal) =>
    call('GET /instances/{name}/reports/month', { parameters: { name: instance }, query, signal }),
  );
  const rows = data?.items ?? NO_ROWS;
  const bars = useMemo(() => monthBars(rows), [rows]);
  return (
    <SpaceBetween size="l">
      {problem === null ? null : <ProblemAlert problem={problem} retry={refresh} />}
      {isPerformance(choice.kind) ? <ChartCard bars={bars} one="day" /> : null}
      <ReportTable
        kind={choice.kind}
        columns={dayColumns(choice.kind)}
        rows={data === null && problem === null ? null : rows}
        idOf={({ date }) => date}
        zone={zone}
        actions={<Actions instance={instance} query={query} refresh={refresh} />}
      />
    </SpaceBetween>
  );
}

/** Run Reports for Day, Performance for Day: a page of runs at a time. */
export function DayReport({ instance, choice, zone }: Properties): ReactElement {
  const [pages, setPages] = useState(FIRST_PAGE);
  const after = pages.starts[pages.page] ?? null;
  const scope = { day: choice.day, zone, ...tableOf(choice) };
  const query = { ...scope, limit: PAGE_ROWS, ...(after === null ? {} : { after }) };
  const { data, problem, refresh } = useResource(`${instance} report ${JSON.stringify(query)}`, (signal) =>
    call('GET /instances/{name}/reports/day', { parameters: { name: instance }, query, signal }),
  );
  const rows = data?.items ?? NO_ROWS;
  const next = data?.next ?? null;
  const bars = useMemo(() => runBars(rows), [rows]);
  return (
    <SpaceBetween size="l">
      {problem === null ? null : <ProblemAlert problem={problem} retry={refresh} />}
      {isPerformance(choice.kind) ? <ChartCard bars={bars} one="run" /> : null}
      <ReportTable
        kind={choice.kind}
        columns={runColumns(choice.kind)}
        rows={data === null && problem === null ? null : rows}
        idOf={({ runId }) => runId}
        zone={zone}
        actions={<Actions instance={instance} query={scope} refresh={refresh} />}
        pagination={<TurnPages pages={pages} next={next} onTurn={setPages} />}
      />
    </SpaceBetween>
  );
}

function tableOf({ table }: Choice): { readonly table?: string } {
  return table === null ? {} : { table };
}

function ChartCard({ bars, one }: { bars: readonly PerformanceBar[]; one: 'run' | 'day' }): ReactElement {
  return (
    <Container header={<Header variant="h2">Where the time went</Header>}>
      <Suspense fallback={<Loading />}>
        <PerformanceChart bars={bars} one={one} />
      </Suspense>
    </Container>
  );
}

interface ActionsProperties {
  readonly instance: string;
  readonly query: Readonly<Record<string, string>>;
  readonly refresh: () => void;
}

function Actions({ instance, query, refresh }: ActionsProperties): ReactElement {
  const path = `/api/v1/instances/${encodeURIComponent(instance)}/reports/csv`;
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Button iconName="refresh" ariaLabel="Read the report again" onClick={refresh} />
      <DownloadButton path={path} query={query}>
        CSV
      </DownloadButton>
    </SpaceBetween>
  );
}
