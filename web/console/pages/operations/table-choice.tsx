import FormField from '@cloudscape-design/components/form-field';
import Multiselect from '@cloudscape-design/components/multiselect';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState, type ReactElement } from 'react';
import { call } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import { useSettled } from '../../forms/use-settled.ts';

const SETTLED_MILLISECONDS = 300;
/** Of the tables that match so many are offered; who looks for another one types more of its name. */
const OFFERED = 100;

interface Properties {
  readonly instance: string;
  /** Null: all. */
  readonly tables: readonly string[] | null;
  readonly onChange: (tables: readonly string[] | null) => void;
  readonly all: string;
}

/** All tables, or some of those that are replicated. */
export function TableChoice({ instance, tables, onChange, all }: Properties): ReactElement {
  const [text, setText] = useState('');
  const search = useSettled(text, SETTLED_MILLISECONDS);
  const query = { selected: 'true' as const, limit: OFFERED, ...(search === '' ? {} : { search }) };
  const found = useResource(tables === null ? null : `${instance} tables offered ${search}`, (signal) =>
    call('GET /instances/{name}/tables', { parameters: { name: instance }, query, signal }),
  );
  const offered = found.data?.items.map(({ id }) => ({ value: id, label: id })) ?? [];
  return (
    <SpaceBetween size="s">
      <FormField label="Tables">
        <RadioGroup
          value={tables === null ? 'all' : 'some'}
          items={[
            { value: 'all', label: all },
            { value: 'some', label: 'Only some tables' },
          ]}
          onChange={({ detail }) => onChange(detail.value === 'all' ? null : [])}
        />
      </FormField>
      {tables === null ? null : (
        <FormField label="Which tables" errorText={found.problem?.detail ?? null}>
          <Multiselect
            selectedOptions={tables.map((value) => ({ value, label: value }))}
            options={offered}
            filteringType="manual"
            onLoadItems={({ detail }) => setText(detail.filteringText)}
            statusType={found.data === null ? 'loading' : 'finished'}
            loadingText="Asking for tables"
            filteringPlaceholder="Find tables by a part of schema.table"
            placeholder="Choose tables"
            empty="No table matches"
            onChange={({ detail }) => onChange(detail.selectedOptions.flatMap(({ value }) => value ?? []))}
            deselectAriaLabel={({ label }) => `Leave out ${label ?? ''}`}
            tokenLimit={10}
          />
        </FormField>
      )}
    </SpaceBetween>
  );
}
