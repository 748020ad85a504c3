import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState, type ReactElement } from 'react';
import type { Operation, OperationRequest } from '../../../api/schemas/operations.ts';
import { call } from '../../api/client.ts';
import { useDashboard } from '../../api/instance-calls.ts';
import { useResource } from '../../api/use-resource.ts';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { counted } from '../../words/numbers.ts';
import { useStart } from './operation-calls.ts';
import { WORDS } from './operation-words.ts';
import { TableChoice } from './table-choice.tsx';

export interface DialogProperties {
  readonly instance: string;
  readonly onClose: () => void;
  readonly onStarted: (operation: Operation) => void;
}

interface Properties extends DialogProperties {
  readonly kind: 'full-extract' | 'sync-new-tables' | 'manual-delta' | 'verify';
}

/** What an operation will do, of which tables, and its start. */
export function StartDialog({ instance, kind, onClose, onStarted }: Properties): ReactElement {
  const [tables, setTables] = useState<readonly string[] | null>(null);
  const [repairs, setRepairs] = useState(false);
  const start = useStart(instance, onStarted);
  const { title, description, steps } = WORDS[kind];
  const isNothingChosen = tables?.length === 0;
  return (
    <Modal
      visible
      header={title}
      closeAriaLabel="Close"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={onClose}>Cancel</Button>
            <Button
              variant="primary"
              disabled={isNothingChosen}
              loading={start.isRunning}
              onClick={() => start.run(requestOf(kind, tables, repairs))}
            >
              Start
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Box>{description}</Box>
        <ul>
          {steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ul>
        {kind === 'full-extract' ? <FullExtractExtent instance={instance} /> : null}
        {kind === 'sync-new-tables' ? <NewTables instance={instance} /> : null}
        {kind === 'manual-delta' ? null : (
          <TableChoice
            instance={instance}
            tables={tables}
            onChange={setTables}
            all={kind === 'sync-new-tables' ? 'All new and marked tables' : 'All tables that are replicated'}
          />
        )}
        {kind === 'verify' ? (
          <Checkbox
            checked={repairs}
            onChange={({ detail }) => setRepairs(detail.checked)}
            description="Rows that differ are fetched from the source again. Off: nothing is changed."
          >
            Repair
          </Checkbox>
        ) : null}
        {start.problem === null ? null : <ProblemAlert problem={start.problem} />}
      </SpaceBetween>
    </Modal>
  );
}

function requestOf(kind: Properties['kind'], tables: readonly string[] | null, repair: boolean): OperationRequest {
  const chosen = tables === null ? null : [...tables];
  if (kind === 'manual-delta') return { kind };
  return kind === 'verify' ? { kind, tables: chosen, repair } : { kind, tables: chosen };
}

function FullExtractExtent({ instance }: { instance: string }): ReactElement | null {
  const { data } = useDashboard(instance);
  if (data === null) return null;
  return (
    <Alert type="warning">
      Replicated now: {counted(data.tables.chosen, 'table')}. All rows of what is copied are read at the source.
    </Alert>
  );
}

const NAMED = 20;

/** Which tables are new; marked ones come with them. */
function NewTables({ instance }: { instance: string }): ReactElement | null {
  const { data } = useResource(`${instance} tables new`, (signal) =>
    call('GET /instances/{name}/tables', {
      parameters: { name: instance },
      query: { selected: 'true', state: 'new', limit: NAMED },
      signal,
    }),
  );
  if (data === null) return null;
  const names = data.items.map(({ id }) => id).join(', ');
  const more = data.total > data.items.length ? ` and ${counted(data.total - data.items.length, 'more', 'more')}` : '';
  return (
    <Alert type="info" header={`Never copied so far: ${counted(data.total, 'table')}`}>
      {names}
      {more}
    </Alert>
  );
}
