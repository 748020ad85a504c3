import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { ReactElement } from 'react';
import type { Dashboard } from '../../../api/schemas/dashboard.ts';
import { PageLink } from '../../frame/page-link.tsx';
import { instancePath } from '../../frame/paths.ts';
import { Moment } from '../../words/moment.tsx';
import { counted, wholeNumber } from '../../words/numbers.ts';
import { browserZone } from '../../words/times.ts';
import { useQuarantineCounts } from '../quarantine/quarantine-calls.ts';
import { Card } from './card.tsx';
import { useTransfers } from './use-transfers.ts';

interface Properties {
  readonly instance: string;
  readonly dashboard: Dashboard;
  readonly isSetUp: boolean;
}

export function TablesCard({ instance, dashboard, isSetUp }: Properties): ReactElement {
  const { tables, lag, verified } = dashboard;
  const { data: transfers } = useTransfers(instance, browserZone());
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
        {
          label: 'Records in the last 24 hours',
          value: transfers === null ? '–' : wholeNumber(transfers.records),
        },
        { label: 'Extracts loaded', value: `${wholeNumber(lag.loaded)} of ${wholeNumber(lag.lastExtract)}` },
        { label: 'Verified equal', value: `${wholeNumber(verified.equal)} of ${wholeNumber(tables.chosen)}` },
        { label: 'Oldest proof', value: <Moment at={verified.oldest} /> },
      ]}
    >
      <SpaceBetween size="xs">
        <Differing instance={instance} verified={verified} />
        <QuarantineCount instance={instance} isSetUp={isSetUp} />
        {tables.stoppedCount === 0 ? null : <StoppedTables instance={instance} tables={tables} />}
      </SpaceBetween>
    </Card>
  );
}

/** Tables whose last verification did not prove them equal. */
function Differing({ instance, verified }: { instance: string; verified: Dashboard['verified'] }): ReactElement | null {
  const { different, unsettled } = verified;
  if (different + unsettled === 0) return null;
  const link = (standing: string, text: string) => (
    <PageLink href={instancePath(instance, `/tables?standing=${standing}`)}>{text}</PageLink>
  );
  return (
    <SpaceBetween size="xxs">
      {different === 0 ? null : (
        <StatusIndicator type="error">
          {link('verified-different', `${counted(different, 'table')} ${different === 1 ? 'differs' : 'differ'}`)} from
          the source
        </StatusIndicator>
      )}
      {unsettled === 0 ? null : (
        <StatusIndicator type="warning">
          {link('verified-unsettled', counted(unsettled, 'table'))} with rows that changed during every look
        </StatusIndicator>
      )}
    </SpaceBetween>
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
      <PageLink href={instancePath(instance, '/tables?standing=stopped')}>
        {counted(tables.stoppedCount, 'table')} stopped
      </PageLink>
    </SpaceBetween>
  );
}
