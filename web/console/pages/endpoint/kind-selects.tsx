import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import type { ReactElement } from 'react';
import { labelOf, valueLabel } from '../../forms/labels.ts';
import type { Kind } from './endpoint-draft.ts';

interface KindProperties {
  readonly section: 'source' | 'destination';
  readonly kinds: readonly Kind[];
  readonly type: string;
  readonly disabled: boolean;
  readonly onChoose: (type: string) => void;
}

/** Which kind of database it is. */
export function KindSelect({ section, kinds, type, disabled, onChoose }: KindProperties): ReactElement {
  const options = kinds.map((kind) => ({ value: kind.type, label: kind.label }));
  return (
    <FormField label={section === 'source' ? 'Source database' : 'Destination database'}>
      <Select
        selectedOption={options.find((option) => option.value === type) ?? null}
        options={options}
        disabled={disabled}
        onChange={({ detail }) => onChoose(detail.selectedOption.value ?? type)}
      />
    </FormField>
  );
}

interface ExtractTypeProperties {
  readonly values: readonly string[];
  readonly chosen: string;
  readonly disabled: boolean;
  readonly onChoose: (value: string) => void;
}

/** How changes come out of the source. */
export function ExtractTypeSelect({ values, chosen, disabled, onChoose }: ExtractTypeProperties): ReactElement {
  const options = values.map((value) => ({ value, label: valueLabel(value), description: EXTRACT_TYPES[value] ?? '' }));
  return (
    <FormField label={labelOf('extractType')} description={EXTRACT_TYPES[chosen] ?? ''}>
      <Select
        selectedOption={options.find((option) => option.value === chosen) ?? null}
        options={options}
        disabled={disabled}
        onChange={({ detail }) => onChoose(detail.selectedOption.value ?? chosen)}
      />
    </FormField>
  );
}

const EXTRACT_TYPES: Readonly<Record<string, string>> = {
  logs: 'Changes come from the log of the database.',
  changeTracking: 'The server says which rows were changed; their values are read as they are by then.',
  cdc: 'Changes come from the change tables of change data capture, each by itself.',
  logMiner: 'Archived redo logs are read, some in one pass.',
  fastLogMiner: 'Archived redo logs are read by several sessions at once.',
  remoteLogMiner: 'Another database reads the archived redo logs.',
  continuousLogMiner: 'Archived and online redo logs are read, up to the last commit.',
  fullExtracts: 'Every run copies the tables again.',
  timestamps: 'A column that grows with every change is asked for.',
};
