import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import type { ReactElement } from 'react';
import { described } from '../words/described.tsx';
import { draftOf, scalarText, type Draft, type ListDraft } from './draft.ts';
import type { Field } from './field.ts';
import { descriptionOf, labelOf } from './labels.ts';
import type { FieldProperties } from './settings-fields.tsx';

interface Properties extends FieldProperties {
  readonly fields: readonly Field[];
  readonly list: ListDraft;
}

/** Rows of the same fields, as texts: as many as somebody likes. */
export function ListField({ field, fields, list, onChange, path, problems, disabled }: Properties): ReactElement {
  const { drafts } = list;
  const replace = (index: number, row: Draft) =>
    onChange({ drafts: drafts.map((old, at) => (at === index ? row : old)) });
  return (
    <FormField label={labelOf(field.name)} description={described(descriptionOf(field))} stretch>
      <AttributeEditor
        items={drafts}
        disableAddButton={disabled}
        addButtonText="Add"
        removeButtonText="Remove"
        isItemRemovable={() => !disabled}
        empty="There are none."
        onAddButtonClick={() => onChange({ drafts: [...drafts, draftOf(fields, {})] })}
        onRemoveButtonClick={({ detail }) => onChange({ drafts: drafts.filter((_row, at) => at !== detail.itemIndex) })}
        definition={fields.map((column) => ({
          label: column.description,
          control: (row: Draft, index: number) => (
            <Input
              value={scalarText(row[column.name])}
              disabled={disabled}
              spellcheck={false}
              onChange={({ detail }) => replace(index, { ...row, [column.name]: detail.value })}
            />
          ),
          errorText: (_row: Draft, index: number) => problems.get(`${path}.${index}.${column.name}`) ?? null,
        }))}
      />
    </FormField>
  );
}
