import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { ReactElement } from 'react';
import type { Dashboard } from '../../../api/schemas/dashboard.ts';
import { PageLink } from '../../frame/page-link.tsx';
import { instancePath } from '../../frame/paths.ts';
import { counted, wholeNumber } from '../../words/numbers.ts';
import { useQuarantineCounts } from '../quarantine/quarantine-calls.ts';
import { Card } from './card.tsx';

interface Properties {
  readonly instance: string;
  readonly dashboard: Dashboard;
  readonly isSetUp: boolean;
}

export function TablesCard({ instance, dashboard, isSetUp }: Properties): ReactElement {
  const { tables, lag } = dashboard;
  return (
    <Card
      title="Tables"
      description={`${counted(tables.chosen, 'table')} from ${counted(tables.schemas, 'schema')} and ${counted(tables.databases, 'database')}`}
      setUp={{ href: instancePath(instance, '/tables'), label: 'Choose tables' }}
      pairs={[
        { label: 'With history', value: wholeNumber(tables.withHistory) },
        { label: 'Without history', value: wholeNumber(tables.withoutHistory) },
        {
          label: 'Following their changes',
          value: `${wholeNumber(tables.following)} of ${wholeNumber(tables.chosen)}`,
        },
        { label: 'Extracts loaded', value: `${wholeNumber(lag.loaded)} of ${wholeNumber(lag.lastExtract)}` },
      ]}
    >
      <SpaceBetween size="xs">
        <QuarantineCount instance={instance} isSetUp={isSetUp} />
        {tables.stoppedCount === 0 ? null : <StoppedTables instance={instance} tables={tables} />}
      </SpaceBetween>
    </Card>
  );
}

/** The destination is asked only where there can be something. */
function QuarantineCount({ instance, isSetUp }: Omit<Properties, 'dashboard'>): ReactElement | null {
  const counts = useQuarantineCounts(instance, isSetUp);
  if (counts === null || counts.total === 0) return null;
  return (
    <StatusIndicator type="warning">
      <PageLink href={instancePath(instance, '/quarantine')}>{counted(counts.total, 'row')} in quarantine</PageLink>
      {`, of ${counted(counts.tables.length, 'table')}`}
    </StatusIndicator>
  );
}

const SHOWN = 3;

function StoppedTables({ instance, tables }: { instance: string; tables: Dashboard['tables'] }): ReactElement {
  return (
    <SpaceBetween size="xxs">
      {tables.stopped.slice(0, SHOWN).map((failure) => (
        <StatusIndicator key={failure.table} type="error">
          {failure.table ?? ''}: {failure.message} ({failure.code})
        </StatusIndicator>
      ))}
      <PageLink href={instancePath(instance, '/tables')}>{counted(tables.stoppedCount, 'table')} stopped</PageLink>
    </SpaceBetween>
  );
}
