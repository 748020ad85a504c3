import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { ReactElement } from 'react';
import { useLocation } from 'wouter';
import type { Dashboard } from '../../../api/schemas/dashboard.ts';
import { instancePath } from '../../frame/paths.ts';
import { counted, wholeNumber } from '../../words/numbers.ts';
import { Card } from './card.tsx';

interface Properties {
  readonly instance: string;
  readonly tables: Dashboard['tables'];
  readonly lag: Dashboard['lag'];
}

export function TablesCard({ instance, tables, lag }: Properties): ReactElement {
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
      {tables.stoppedCount === 0 ? null : <StoppedTables instance={instance} tables={tables} />}
    </Card>
  );
}

const SHOWN = 3;

function StoppedTables({ instance, tables }: { instance: string; tables: Dashboard['tables'] }): ReactElement {
  const [, navigate] = useLocation();
  const href = instancePath(instance, '/tables');
  return (
    <SpaceBetween size="xxs">
      {tables.stopped.slice(0, SHOWN).map((failure) => (
        <StatusIndicator key={failure.table} type="error">
          {failure.table ?? ''}: {failure.message} ({failure.code})
        </StatusIndicator>
      ))}
      <Link
        href={href}
        onFollow={(event) => {
          event.preventDefault();
          navigate(href);
        }}
      >
        {counted(tables.stoppedCount, 'table')} stopped
      </Link>
    </SpaceBetween>
  );
}
