import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { ReactElement } from 'react';
import type { Dashboard } from '../../../api/schemas/dashboard.ts';
import type { DatedFailure } from '../../../api/schemas/values.ts';
import { valueLabel } from '../../forms/labels.ts';
import { instancePath } from '../../frame/paths.ts';
import { Moment } from '../../words/moment.tsx';
import { Card } from './card.tsx';

export function SourceCard({ instance, source }: { instance: string; source: Dashboard['source'] }): ReactElement {
  const { label, extractType } = source;
  const kind = label === null || extractType === null ? label : `${label} – ${valueLabel(extractType)}`;
  return (
    <Card
      title="Source"
      description={kind ?? 'Not set up yet'}
      setUp={{ href: instancePath(instance, '/source'), label: 'Set up the source' }}
      pairs={[
        { label: 'Database', value: placeOf(source) },
        { label: 'Last extract', value: <Moment at={source.lastExtract} /> },
        { label: 'Last source time', value: <Moment at={source.lastSourceDate} /> },
        { label: 'Last error', value: <ErrorTime failure={source.lastError} /> },
      ]}
    >
      <LastError failure={source.lastError} />
    </Card>
  );
}

export function DestinationCard({
  instance,
  destination,
}: {
  instance: string;
  destination: Dashboard['destination'];
}): ReactElement {
  return (
    <Card
      title="Destination"
      description={destination.label ?? 'Not set up yet'}
      setUp={{ href: instancePath(instance, '/destination'), label: 'Set up the destination' }}
      pairs={[
        { label: 'Database', value: placeOf(destination) },
        { label: 'Last load', value: <Moment at={destination.lastLoad} /> },
        { label: 'Last error', value: <ErrorTime failure={destination.lastError} /> },
      ]}
    >
      <LastError failure={destination.lastError} />
    </Card>
  );
}

function placeOf({ host, database }: { host: string | null; database: string | null }): string {
  return host === null ? '–' : database === null ? host : `${database} on ${host}`;
}

function ErrorTime({ failure }: { failure: DatedFailure | null }): ReactElement {
  return failure === null ? <>None</> : <Moment at={failure.at} />;
}

function LastError({ failure }: { failure: DatedFailure | null }): ReactElement | null {
  if (failure === null) return null;
  return (
    <StatusIndicator type="error" wrapText>
      {failure.code}: {failure.message}
    </StatusIndicator>
  );
}
