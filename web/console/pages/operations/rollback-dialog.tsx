import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState, type ReactElement } from 'react';
import type { Operation, RollbackPoint } from '../../../api/schemas/operations.ts';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { timeText } from '../../words/times.ts';
import { DryRunFooter } from './dry-run-footer.tsx';
import { useStart } from './operation-calls.ts';
import { OperationOutcome } from './operation-outcome.tsx';
import { WORDS } from './operation-words.ts';
import { RollbackPoints } from './rollback-points.tsx';
import type { DialogProperties } from './start-dialog.tsx';
import { TableChoice } from './table-choice.tsx';
import { useDryRun } from './use-dry-run.ts';

/** A point is chosen, what going back to it would do is looked at, and only then it is done. */
export function RollbackDialog({ instance, onClose, onStarted }: DialogProperties): ReactElement {
  const [point, setPoint] = useState<RollbackPoint | null>(null);
  const [tables, setTables] = useState<readonly string[] | null>(null);
  const select = useDryRun(instance);
  const rollback = useStart(instance, onStarted);
  const canRollBack = reaches(select.ended);
  const problem = select.problem ?? rollback.problem;
  const request = { kind: 'rollback', to: point?.file ?? 0, tables: tables === null ? null : [...tables] } as const;
  return (
    <Modal
      visible
      size="max"
      header={WORDS.rollback.title}
      closeAriaLabel="Close"
      onDismiss={onClose}
      footer={
        <DryRunFooter
          onClose={onClose}
          look={{
            label: 'Select',
            can: point !== null && tables?.length !== 0,
            isRunning: select.isRunning,
            onClick: () => select.run({ ...request, dryRun: true }),
          }}
          work={{
            label: 'Rollback',
            can: canRollBack,
            isRunning: rollback.isRunning,
            onClick: () => rollback.run(request),
          }}
        />
      }
    >
      <SpaceBetween size="m">
        <Box>
          Applies every change from the chosen extract on again, and catches up with the source. Tables keep their rows
          meanwhile: each is changed in one transaction. Select looks what it would do and changes nothing.
        </Box>
        <RollbackPoints
          instance={instance}
          chosen={point}
          onChoose={(next) => {
            setPoint(next);
            // What was seen was about another point.
            select.forget();
          }}
        />
        <TableChoice
          instance={instance}
          tables={tables}
          onChange={(next) => {
            setTables(next);
            select.forget();
          }}
          all="All tables that are replicated"
        />
        <div aria-live="polite">
          {problem === null ? null : <ProblemAlert problem={problem} />}
          {select.isRunning ? <StatusIndicator type="loading">Looking what it would do</StatusIndicator> : null}
          {select.ended === null ? null : <OperationOutcome operation={select.ended} />}
          {point === null || !canRollBack ? null : <Confirmation point={point} />}
        </div>
      </SpaceBetween>
    </Modal>
  );
}

/** Whether the files are there, or the source's log gives them again. */
function reaches(looked: Operation | null): boolean {
  return looked?.result?.kind === 'rollback' && looked.result.fromLog?.reaches !== false;
}

function Confirmation({ point }: { point: RollbackPoint }): ReactElement {
  return (
    <Alert type="warning" header={`Rollback to extract ${point.file}?`}>
      This redoes all extractions beginning with number {point.file}, of {timeText(point.sourceDate)} at the source.
    </Alert>
  );
}
