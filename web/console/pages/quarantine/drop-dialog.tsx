import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useEffect, useState, type ReactElement } from 'react';
import type { QuarantineDropped } from '../../../api/schemas/quarantine.ts';
import { call } from '../../api/client.ts';
import { useAction } from '../../api/use-action.ts';
import { useNotify } from '../../frame/notifications.tsx';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { counted } from '../../words/numbers.ts';

interface Properties {
  readonly instance: string;
  /** Null: all. */
  readonly tables: readonly string[] | null;
  readonly onClose: () => void;
  readonly onDropped: () => void;
}

const NAMED = 10;

/** How many rows it would be is asked first; only then they can be dropped. */
export function DropDialog({ instance, tables, onClose, onDropped }: Properties): ReactElement {
  const notify = useNotify();
  const [looked, setLooked] = useState<QuarantineDropped | null>(null);
  const drop = useAction(async (signal, dryRun: boolean) => {
    const body = { tables: tables === null ? null : [...tables], dryRun };
    const parameters = { name: instance };
    const answer = await call('POST /instances/{name}/quarantine/drop', { parameters, body, signal });
    if (dryRun) {
      setLooked(answer);
      return;
    }
    notify({ type: 'success', header: `${counted(answer.rows, 'row')} dropped from quarantine` });
    onDropped();
  });
  const { run } = drop;
  useEffect(() => run(true), [run]);
  const rows = looked === null ? '' : counted(looked.rows, 'row');
  return (
    <Modal
      visible
      header="Drop rows from quarantine"
      closeAriaLabel="Close"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={onClose}>Cancel</Button>
            <Button
              variant="primary"
              disabled={looked === null || looked.rows === 0}
              loading={looked !== null && drop.isRunning}
              onClick={() => run(false)}
            >
              {looked === null ? 'Drop' : `Drop ${rows}`}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <div aria-live="polite">
        <SpaceBetween size="m">
          {looked === null && drop.problem === null ? (
            <StatusIndicator type="loading">Counting the rows</StatusIndicator>
          ) : null}
          {looked === null ? null : (
            <Alert type="warning" header={`${rows} would be dropped for good`}>
              {tablesText(looked.tables)} The source and the tables at the destination stay as they are: these rows are
              not at the destination until the source changes them so that they fit, or their table is copied anew.
            </Alert>
          )}
          {drop.problem === null ? null : <ProblemAlert problem={drop.problem} />}
        </SpaceBetween>
      </div>
    </Modal>
  );
}

function tablesText(tables: QuarantineDropped['tables']): string {
  const named = tables.slice(0, NAMED).map(({ table, rows }) => `${table} ${rows}`);
  const more = tables.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and of ${counted(more, 'more table')}` : ''}.`;
}
