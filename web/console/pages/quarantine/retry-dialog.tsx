import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactElement } from 'react';
import type { QuarantineRetried } from '../../../api/schemas/quarantine.ts';
import { call } from '../../api/client.ts';
import { useAction } from '../../api/use-action.ts';
import { ProblemAlert } from '../../problem/problem-alert.tsx';

interface Properties {
  readonly instance: string;
  /** Null: all. */
  readonly tables: readonly string[] | null;
  readonly onClose: () => void;
  readonly onRetried: (answer: QuarantineRetried) => void;
}

/** What fetching the rows again does, and its start. */
export function RetryDialog({ instance, tables, onClose, onRetried }: Properties): ReactElement {
  const retry = useAction(async (signal) => {
    const body = { tables: tables === null ? null : [...tables] };
    onRetried(await call('POST /instances/{name}/quarantine/retry', { parameters: { name: instance }, body, signal }));
  });
  return (
    <Modal
      visible
      header={`Retry the rows of ${tables === null ? 'all tables' : tables.join(', ')}`}
      closeAriaLabel="Close"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={onClose}>Cancel</Button>
            <Button variant="primary" loading={retry.isRunning} onClick={() => retry.run()}>
              Retry
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Box>The rows are fetched from the source as they are now, while replication goes on:</Box>
        <ul>
          <li>
            a row that fits by now is loaded, one that is gone at the source is settled: both leave the quarantine;
          </li>
          <li>a row that still does not fit stays, with what is wrong with it now;</li>
          <li>rows without a key that could fetch them stay: mend them at the source and copy their table anew.</li>
        </ul>
        <Box color="text-body-secondary">
          It may take two minutes where nothing else is written at the source. Cancelled, it can be done again.
        </Box>
        {retry.problem === null ? null : <ProblemAlert problem={retry.problem} />}
      </SpaceBetween>
    </Modal>
  );
}
