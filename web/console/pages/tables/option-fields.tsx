import Checkbox from '@cloudscape-design/components/checkbox';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import type { ReactElement } from 'react';
import type { TableOptions } from '../../../api/schemas/tables.ts';

interface Properties {
  readonly options: TableOptions;
  /** Names of the table's columns. */
  readonly columns: readonly string[];
  readonly onChange: (options: Partial<TableOptions>) => void;
  readonly isReadOnly: boolean;
  readonly isPolled: boolean;
}

const TRANSFERS = [
  { value: '', label: 'Default', description: 'As the settings of history say' },
  { value: 'mirror', label: 'Mirror', description: 'The rows as they are at the source' },
  { value: 'history', label: 'With history', description: 'Every version of a row, with its dates' },
];
const MISFITS = [
  { value: '', label: 'Default', description: 'As the policy of the pipeline says' },
  { value: 'stop', label: 'Stop the table', description: 'Until somebody mends it' },
  { value: 'quarantine', label: 'Set the row aside', description: 'In penstock_quarantine; the others go on' },
];

/** Options of a table that are not about one column. */
export function OptionFields({ options, columns, onChange, isReadOnly, isPolled }: Properties): ReactElement {
  const columnChoices = columns.map((name) => ({ value: name, label: name }));
  return (
    <SpaceBetween size="m">
      <ColumnLayout columns={2}>
        <FormField label="Transfer type">
          <Select
            selectedOption={TRANSFERS.find(({ value }) => value === (options.transfer ?? '')) ?? null}
            options={TRANSFERS}
            disabled={isReadOnly}
            onChange={({ detail }) => {
              const { value } = detail.selectedOption;
              onChange({ transfer: value === 'mirror' || value === 'history' ? value : null });
            }}
          />
        </FormField>
        <FormField label="Values that do not fit">
          <Select
            selectedOption={MISFITS.find(({ value }) => value === (options.misfits ?? '')) ?? null}
            options={MISFITS}
            disabled={isReadOnly}
            onChange={({ detail }) => {
              const { value } = detail.selectedOption;
              onChange({ misfits: value === 'stop' || value === 'quarantine' ? value : null });
            }}
          />
        </FormField>
        <Checkbox
          checked={options.skipInitialExtract}
          disabled={isReadOnly}
          description="Only changes from now on are loaded."
          onChange={({ detail }) =>
            onChange({
              skipInitialExtract: detail.checked,
              ...(detail.checked ? { redoInitialExtract: false, where: null } : {}),
            })
          }
        >
          Skip initial extract
        </Checkbox>
        <Checkbox
          checked={options.redoInitialExtract}
          disabled={isReadOnly}
          description="The next full extract or Sync New Tables copies this table again."
          onChange={({ detail }) =>
            onChange({
              redoInitialExtract: detail.checked,
              ...(detail.checked ? { skipInitialExtract: false } : {}),
            })
          }
        >
          Redo initial extract
        </Checkbox>
      </ColumnLayout>
      {isPolled ? (
        <FormField label="Timestamp column" description="The column that grows with every change.">
          <Select
            selectedOption={columnChoices.find(({ value }) => value === options.timestampColumn) ?? null}
            options={columnChoices}
            placeholder="Choose a column"
            disabled={isReadOnly}
            onChange={({ detail }) => onChange({ timestampColumn: detail.selectedOption.value ?? null })}
          />
        </FormField>
      ) : null}
      <FormField
        label="Where"
        description="A condition in the source's SQL: which rows the initial extract copies. Changes are not filtered by it."
      >
        <Textarea
          value={options.where ?? ''}
          rows={2}
          disabled={isReadOnly || options.skipInitialExtract}
          spellcheck={false}
          placeholder="created_at >= '2025-01-01'"
          onChange={({ detail }) => onChange({ where: detail.value === '' ? null : detail.value })}
        />
      </FormField>
    </SpaceBetween>
  );
}
