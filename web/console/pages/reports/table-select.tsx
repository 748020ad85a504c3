import FormField from '@cloudscape-design/components/form-field';
import Select, { type SelectProps } from '@cloudscape-design/components/select';
import { useState, type ReactElement } from 'react';
import { call } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import { counted } from '../../words/numbers.ts';

const ALL: SelectProps.Option = { value: '', label: 'All tables' };
const SHOWN = 50;

interface Properties {
  readonly instance: string;
  /** Null: all tables. */
  readonly table: string | null;
  readonly onChoose: (table: string | null) => void;
}

/** One of the replicated tables, found by a part of its name: there may be 10,000. */
export function TableSelect({ instance, table, onChoose }: Properties): ReactElement {
  const [search, setSearch] = useState('');
  const [isOpen, setIsOpen] = useState(false);
  // The list is the source's: it is asked when somebody looks for a table, not before.
  const { data, problem, refresh } = useResource(isOpen ? `${instance} tables of reports ${search}` : null, (signal) =>
    call('GET /instances/{name}/tables', {
      parameters: { name: instance },
      query: { selected: 'true', limit: SHOWN, ...(search === '' ? {} : { search }) },
      signal,
    }),
  );
  const found = (data?.items ?? []).map(({ id }) => ({ value: id, label: id }));
  const more = (data?.total ?? 0) - found.length;
  return (
    <FormField label="Table">
      <Select
        selectedOption={table === null ? ALL : { value: table, label: table }}
        options={[ALL, ...found]}
        filteringType="manual"
        filteringPlaceholder="Part of a table's name"
        filteringAriaLabel="Find a table"
        statusType={problem !== null ? 'error' : data === null ? 'loading' : 'finished'}
        loadingText="Asking for tables"
        errorText="The tables could not be read."
        recoveryText="Try again"
        finishedText={more > 0 ? `${counted(more, 'table')} more: type a part of the name` : ''}
        onLoadItems={({ detail }) => {
          setIsOpen(true);
          setSearch(detail.filteringText);
          if (detail.samePage && problem !== null) refresh();
        }}
        onChange={({ detail }) =>
          onChoose(detail.selectedOption.value === '' ? null : (detail.selectedOption.value ?? null))
        }
      />
    </FormField>
  );
}
