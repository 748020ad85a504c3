import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import type { ReactElement } from 'react';
import { described } from '../words/described.tsx';
import type { OptionRow, OptionRows } from './draft.ts';
import type { Field } from './field.ts';
import { labelOf } from './labels.ts';
import type { FieldProperties } from './settings-fields.tsx';

interface Properties extends FieldProperties {
  readonly names: readonly Field[];
  readonly rows: OptionRows;
}

/** Options by name, from those that are known: a name that is not known is refused by the server, too. */
export function OptionRowsField({ field, names, rows, onChange, path, problems, disabled }: Properties): ReactElement {
  const replace = (index: number, row: OptionRow) => onChange(rows.map((old, at) => (at === index ? row : old)));
  const choices = names.map((name) => ({ value: name.name, label: name.name, description: name.description }));
  const isUsed = (name: string) => rows.some((row) => row.name === name);
  return (
    <FormField label={labelOf(field.name)} description={described(field.description)} stretch>
      <AttributeEditor
        items={rows}
        disableAddButton={disabled || rows.length >= names.length}
        addButtonText="Add option"
        removeButtonText="Remove"
        isItemRemovable={() => !disabled}
        empty="No options are set."
        onAddButtonClick={() => onChange([...rows, { name: '', text: '' }])}
        onRemoveButtonClick={({ detail }) => onChange(rows.filter((_row, at) => at !== detail.itemIndex))}
        definition={[
          {
            label: 'Option',
            control: (row, index) => (
              <Select
                selectedOption={choices.find((choice) => choice.value === row.name) ?? null}
                options={choices.filter((choice) => choice.value === row.name || !isUsed(choice.value))}
                placeholder="Choose an option"
                disabled={disabled}
                onChange={({ detail }) => replace(index, { ...row, name: detail.selectedOption.value ?? '' })}
              />
            ),
          },
          {
            label: 'Value',
            control: (row, index) => (
              <Input
                value={row.text}
                disabled={disabled}
                spellcheck={false}
                onChange={({ detail }) => replace(index, { ...row, text: detail.value })}
              />
            ),
            errorText: (row) => problems.get(`${path}.${row.name}`) ?? null,
          },
        ]}
      />
    </FormField>
  );
}
