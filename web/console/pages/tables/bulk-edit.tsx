import ButtonDropdown, { type ButtonDropdownProps } from '@cloudscape-design/components/button-dropdown';
import type { ReactElement } from 'react';
import type { TableRow } from '../../../api/schemas/tables.ts';
import { withStep, type Edits, type Step } from './edits.ts';

interface Properties {
  readonly rows: readonly TableRow[];
  readonly edits: Edits;
  readonly onEdit: (edits: Edits) => void;
  readonly isReadOnly: boolean;
  readonly onDone: () => void;
}

interface Choice {
  readonly id: string;
  readonly text: string;
  readonly group: string;
  readonly step: Step;
}

const CHOICES: readonly Choice[] = [
  { id: 'select', group: 'Replicate', text: 'Replicate', step: { selected: true } },
  { id: 'unselect', group: 'Replicate', text: 'Do not replicate', step: { selected: false } },
  { id: 'mirror', group: 'Transfer type', text: 'Mirror', step: { options: { transfer: 'mirror' } } },
  { id: 'history', group: 'Transfer type', text: 'With history', step: { options: { transfer: 'history' } } },
  {
    id: 'skip',
    group: 'Initial extract',
    text: 'Skip',
    step: { options: { skipInitialExtract: true, redoInitialExtract: false } },
  },
  {
    id: 'redo',
    group: 'Initial extract',
    text: 'Redo',
    step: { options: { redoInitialExtract: true, skipInitialExtract: false } },
  },
  {
    id: 'plain',
    group: 'Initial extract',
    text: 'Neither skip nor redo',
    step: { options: { redoInitialExtract: false, skipInitialExtract: false } },
  },
  { id: 'stop', group: 'Values that do not fit', text: 'Stop the table', step: { options: { misfits: 'stop' } } },
  {
    id: 'quarantine',
    group: 'Values that do not fit',
    text: 'Set the row aside',
    step: { options: { misfits: 'quarantine' } },
  },
];

/** The same change for all tables that are marked; it is applied with the others. */
export function BulkEdit({ rows, edits, onEdit, isReadOnly, onDone }: Properties): ReactElement {
  const groups = [...new Set(CHOICES.map((choice) => choice.group))];
  const items = groups.map((group): ButtonDropdownProps.ItemGroup => ({
    text: group,
    items: CHOICES.filter((choice) => choice.group === group).map(({ id, text }) => ({ id, text })),
  }));
  return (
    <ButtonDropdown
      items={items}
      disabled={isReadOnly || rows.length === 0}
      onItemClick={({ detail }) => {
        const choice = CHOICES.find(({ id }) => id === detail.id);
        if (choice === undefined) return;
        onEdit(withStep(edits, rows, choice.step));
        onDone();
      }}
    >
      Change marked
    </ButtonDropdown>
  );
}
