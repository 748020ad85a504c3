import Checkbox from '@cloudscape-design/components/checkbox';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Multiselect from '@cloudscape-design/components/multiselect';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactElement } from 'react';
import { described } from '../words/described.tsx';
import { isList, isRows, isVariant, scalarText, type Draft, type Entry } from './draft.ts';
import type { Field } from './field.ts';
import { descriptionOf, labelOf, valueLabel } from './labels.ts';
import { ListField } from './list-field.tsx';
import { OptionRowsField } from './option-rows-field.tsx';
import { VariantsField } from './variants-field.tsx';

export interface FieldsProperties {
  readonly fields: readonly Field[];
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  /** By path of the field, from `path` on. */
  readonly problems: ReadonlyMap<string, string>;
  readonly disabled: boolean;
  /** Where these fields lie in their form: '' or `tls`. */
  readonly path?: string;
}

/** The fields of a form, two beside each other where there is room. */
export function SettingsFields(properties: FieldsProperties): ReactElement {
  const { fields, draft, onChange, path = '' } = properties;
  const wide = fields.filter(isWide);
  const narrow = fields.filter((field) => !isWide(field));
  const show = (field: Field) => (
    <SettingsField
      key={field.name}
      field={field}
      entry={draft[field.name] ?? ''}
      onChange={(entry) => onChange({ ...draft, [field.name]: entry })}
      path={path === '' ? field.name : `${path}.${field.name}`}
      problems={properties.problems}
      disabled={properties.disabled}
    />
  );
  return (
    <SpaceBetween size="l">
      {narrow.length === 0 ? null : <ColumnLayout columns={2}>{narrow.map(show)}</ColumnLayout>}
      {wide.map(show)}
    </SpaceBetween>
  );
}

/** Fields that need the whole width of their form. */
export function isWide(field: Field): boolean {
  return field.tag !== 'flag' && !('fallback' in field);
}

export interface FieldProperties {
  readonly field: Field;
  readonly entry: Entry;
  readonly onChange: (entry: Entry) => void;
  readonly path: string;
  readonly problems: ReadonlyMap<string, string>;
  readonly disabled: boolean;
}

function SettingsField(properties: FieldProperties): ReactElement {
  const { field, entry, onChange, path, problems, disabled } = properties;
  if (field.tag === 'options' && isRows(entry)) {
    return <OptionRowsField {...properties} names={field.names} rows={entry} />;
  }
  if (field.tag === 'variants' && isVariant(entry)) {
    return <VariantsField {...properties} variants={field.variants} entry={entry} />;
  }
  if (field.tag === 'list' && isList(entry)) {
    return <ListField {...properties} fields={field.fields} list={entry} />;
  }
  const errorText = problems.get(path) ?? null;
  if (field.tag === 'flag') {
    return (
      <FormField errorText={errorText}>
        <Checkbox
          checked={entry === true}
          onChange={({ detail }) => onChange(detail.checked)}
          description={described(descriptionOf(field))}
          disabled={disabled}
        >
          {labelOf(field.name)}
        </Checkbox>
      </FormField>
    );
  }
  return (
    <FormField label={labelOf(field.name)} description={described(descriptionOf(field))} errorText={errorText}>
      {field.tag === 'several' ? (
        <SeveralInput field={field} entry={scalarText(entry)} onChange={onChange} disabled={disabled} />
      ) : field.tag === 'choice' ? (
        <ChoiceInput field={field} entry={scalarText(entry)} onChange={onChange} disabled={disabled} />
      ) : (
        <Input
          value={scalarText(entry)}
          onChange={({ detail }) => onChange(detail.value)}
          placeholder={'fallback' in field ? scalarText(field.fallback) : ''}
          inputMode={field.tag === 'number' ? 'decimal' : 'text'}
          autoComplete={false}
          spellcheck={false}
          disabled={disabled}
        />
      )}
    </FormField>
  );
}

interface SeveralProperties {
  readonly field: Field & { readonly tag: 'several' };
  readonly entry: string;
  readonly onChange: (entry: Entry) => void;
  readonly disabled: boolean;
}

function SeveralInput({ field, entry, onChange, disabled }: SeveralProperties): ReactElement {
  const chosen = (entry === '' ? (field.fallback ?? '') : entry).split(',');
  const options = field.values.map((value) => ({ value, label: valueLabel(value) }));
  return (
    <Multiselect
      selectedOptions={options.filter(({ value }) => chosen.includes(value))}
      options={options}
      onChange={({ detail }) => {
        // In the schema's order, so that all of them are the default again.
        const now = detail.selectedOptions.map(({ value }) => value);
        onChange(field.values.filter((value) => now.includes(value)).join(','));
      }}
      disabled={disabled}
    />
  );
}

interface ChoiceProperties {
  readonly field: Field & { readonly tag: 'choice' };
  readonly entry: string;
  readonly onChange: (entry: Entry) => void;
  readonly disabled: boolean;
}

function ChoiceInput({ field, entry, onChange, disabled }: ChoiceProperties): ReactElement {
  const options = [
    // Where nothing has to be chosen and nothing is said to hold then.
    ...(field.isRequired || field.fallback !== null ? [] : [{ value: '', label: 'Default' }]),
    ...field.values.map((value) => ({ value: scalarText(value), label: valueLabel(scalarText(value)) })),
  ];
  const chosen = entry === '' ? scalarText(field.fallback) : entry;
  return (
    <Select
      selectedOption={options.find((option) => option.value === chosen) ?? null}
      options={options}
      onChange={({ detail }) => onChange(detail.selectedOption.value ?? '')}
      disabled={disabled}
    />
  );
}
