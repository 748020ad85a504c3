import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import type { ReactElement } from 'react';
import type { Instance } from '../../../api/schemas/instances.ts';
import { instancePath } from '../../frame/paths.ts';

interface Properties {
  readonly instances: readonly Instance[];
  readonly isLoading: boolean;
  readonly isOpening: boolean;
  readonly onOpen: (instance: Instance) => void;
}

export function InstanceTable({ instances, isLoading, isOpening, onOpen }: Properties): ReactElement {
  return (
    <Table
      items={instances}
      trackBy="name"
      loading={isLoading}
      loadingText="Loading instances"
      enableKeyboardNavigation
      header={
        <Header variant="h2" counter={`(${instances.length})`}>
          Existing instances
        </Header>
      }
      empty={<Box textAlign="center">There is none yet.</Box>}
      columnDefinitions={[
        {
          id: 'name',
          header: 'Name',
          isRowHeader: true,
          cell: (instance) => (
            <Link
              href={instancePath(instance.name)}
              onFollow={(event) => {
                event.preventDefault();
                onOpen(instance);
              }}
            >
              {instance.name}
            </Link>
          ),
        },
        { id: 'state', header: 'State', cell: (instance) => <InstanceState instance={instance} /> },
        { id: 'place', header: 'Place', cell: (instance) => instance.place },
        {
          id: 'open',
          header: 'Open',
          cell: (instance) => (
            <Button
              variant="inline-link"
              ariaLabel={`Open ${instance.name}`}
              disabled={isOpening}
              onClick={() => onOpen(instance)}
            >
              {instance.active || !instance.complete ? 'Open' : 'Restore'}
            </Button>
          ),
        },
      ]}
    />
  );
}

function InstanceState({ instance }: { instance: Instance }): ReactElement {
  if (instance.elsewhere) return <StatusIndicator type="info">Active in another process</StatusIndicator>;
  if (instance.active) return <StatusIndicator type="success">Active</StatusIndicator>;
  if (!instance.complete) return <StatusIndicator type="pending">Set-up is not finished</StatusIndicator>;
  return <StatusIndicator type="stopped">Not active</StatusIndicator>;
}
