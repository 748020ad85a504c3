import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Checkbox from '@cloudscape-design/components/checkbox';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState, type ReactElement } from 'react';
import type { Operation } from '../../../api/schemas/operations.ts';
import { useSession } from '../../api/session.ts';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { counted } from '../../words/numbers.ts';
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
  const [dropColumns, setDropColumns] = useState(false);
  const [redo, setRedo] = useState(false);
  // There a copy is a machine of its own.
  const isAws = useSession().host === 'aws';
  const request = {
    kind: 'sync-structure' as const,
    ...{ tables: tables === null ? null : [...tables], dropColumns, redo },
  };
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
            can: hasDifferences(compare.ended, redo),
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
        <Checkbox
          checked={dropColumns}
          onChange={({ detail }) => {
            setDropColumns(detail.checked);
            compare.forget();
          }}
          description="Columns that the source dropped are dropped at the destination, too, and their values are gone for good. Off: as the settings of structure changes say; they are kept unless these say otherwise."
        >
          Drop columns
        </Checkbox>
        {isAws ? (
          <Box variant="small">
            Tables that cannot be made the same are left as they are: Full Extract copies them anew.
          </Box>
        ) : (
          <Checkbox
            checked={redo}
            onChange={({ detail }) => setRedo(detail.checked)}
            description="Tables that cannot be made the same are copied anew in the end: all their rows are read at the source, and each replaces the old one when it is whole. Off: they are left as they are."
          >
            Copy anew what cannot be made the same
          </Checkbox>
        )}
        <div aria-live="polite">
          {problem === null ? null : <ProblemAlert problem={problem} />}
          {compare.isRunning ? <StatusIndicator type="loading">Comparing structures</StatusIndicator> : null}
          {compare.ended === null ? null : <OperationOutcome operation={compare.ended} />}
          {compare.ended === null ? null : <Losses looked={compare.ended} redo={redo} />}
        </div>
      </SpaceBetween>
    </Modal>
  );
}

/** What cannot be had back, said once more before it is done. */
function Losses({ looked, redo }: { readonly looked: Operation; readonly redo: boolean }): ReactElement | null {
  const { request, result } = looked;
  if (request.kind !== 'sync-structure' || result?.kind !== 'sync-structure') return null;
  const unsafe = result.tables
    .filter(({ state }) => state === 'different')
    .flatMap(({ differences }) => differences.filter((difference) => difference.class === 'unsafe')).length;
  const drops = request.dropColumns && unsafe > 0;
  const copies = redo ? result.toRedo.length : 0;
  if (!drops && copies === 0) return null;
  return (
    <Alert type="warning" header="Make good?">
      {drops ? <div>{counted(unsafe, 'unsafe difference')}: dropped columns are gone with their values.</div> : null}
      {copies === 0 ? null : <div>{counted(copies, 'table')} will be copied anew, with all rows.</div>}
    </Alert>
  );
}

/** Also tables that only wait to load again, or for a copy, are something to be done. */
function hasDifferences(compared: Operation | null, redo: boolean): boolean {
  if (compared?.result?.kind !== 'sync-structure') return false;
  const { tables, toRedo } = compared.result;
  return tables.some(({ state, resumed }) => state === 'different' || resumed) || (redo && toRedo.length > 0);
}
