import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactElement } from 'react';
import { described } from '../words/described.tsx';
import { draftOf, type VariantDraft } from './draft.ts';
import type { Variant } from './field.ts';
import { descriptionOf, labelOf, valueLabel } from './labels.ts';
import { SettingsFields, type FieldProperties } from './settings-fields.tsx';

interface Properties extends FieldProperties {
  readonly variants: readonly Variant[];
  readonly entry: VariantDraft;
}

/** A choice, and the fields that come with what is chosen. */
export function VariantsField({
  field,
  variants,
  entry,
  onChange,
  path,
  problems,
  disabled,
}: Properties): ReactElement {
  const options = [
    ...(field.isRequired ? [] : [{ value: '', label: 'Default' }]),
    ...variants.map(({ value }) => ({ value, label: valueLabel(value) })),
  ];
  const chosen = variants.find((variant) => variant.value === entry.value);
  return (
    <SpaceBetween size="s">
      <FormField
        label={labelOf(field.name)}
        description={described(descriptionOf(field))}
        errorText={problems.get(path) ?? null}
      >
        <Select
          selectedOption={options.find((option) => option.value === entry.value) ?? null}
          options={options}
          disabled={disabled}
          onChange={({ detail }) => {
            const value = detail.selectedOption.value ?? '';
            const fields = variants.find((variant) => variant.value === value)?.fields ?? [];
            onChange({ value, draft: draftOf(fields, {}) });
          }}
        />
      </FormField>
      {chosen === undefined || chosen.fields.length === 0 ? null : (
        <SettingsFields
          fields={chosen.fields}
          draft={entry.draft}
          onChange={(draft) => onChange({ ...entry, draft })}
          problems={problems}
          disabled={disabled}
          path={path}
        />
      )}
    </SpaceBetween>
  );
}
