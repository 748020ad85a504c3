import Box from '@cloudscape-design/components/box';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState, type ReactElement } from 'react';
import type { Operation } from '../../../api/schemas/operations.ts';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { DryRunFooter } from './dry-run-footer.tsx';
import { useStart } from './operation-calls.ts';
import { OperationOutcome } from './operation-outcome.tsx';
import { WORDS } from './operation-words.ts';
import type { DialogProperties } from './start-dialog.tsx';
import { TableChoice } from './table-choice.tsx';
import { useDryRun } from './use-dry-run.ts';

/** The differences first; what makes them good only after they were seen. */
export function SyncStructureDialog({ instance, onClose, onStarted }: DialogProperties): ReactElement {
  const [tables, setTables] = useState<readonly string[] | null>(null);
  const compare = useDryRun(instance);
  const apply = useStart(instance, onStarted);
  const { title, description, steps } = WORDS['sync-structure'];
  const request = { kind: 'sync-structure', tables: tables === null ? null : [...tables] } as const;
  const problem = compare.problem ?? apply.problem;
  return (
    <Modal
      visible
      size="large"
      header={title}
      closeAriaLabel="Close"
      onDismiss={onClose}
      footer={
        <DryRunFooter
          onClose={onClose}
          look={{
            label: 'Compare',
            can: tables?.length !== 0,
            isRunning: compare.isRunning,
            onClick: () => compare.run({ ...request, dryRun: true }),
          }}
          work={{
            label: 'Make good',
            can: hasDifferences(compare.ended),
            isRunning: apply.isRunning,
            onClick: () => apply.run(request),
          }}
        />
      }
    >
      <SpaceBetween size="m">
        <Box>{description}</Box>
        <ul>
          {steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ul>
        <TableChoice
          instance={instance}
          tables={tables}
          onChange={(next) => {
            setTables(next);
            // What was seen was about other tables.
            compare.forget();
          }}
          all="All tables that are replicated"
        />
        <div aria-live="polite">
          {problem === null ? null : <ProblemAlert problem={problem} />}
          {compare.isRunning ? <StatusIndicator type="loading">Comparing structures</StatusIndicator> : null}
          {compare.ended === null ? null : <OperationOutcome operation={compare.ended} />}
        </div>
      </SpaceBetween>
    </Modal>
  );
}

/** Also tables that only wait to load again are something to be done. */
function hasDifferences(compared: Operation | null): boolean {
  if (compared?.result?.kind !== 'sync-structure') return false;
  return compared.result.tables.some(({ state, resumed }) => state === 'different' || resumed);
}
