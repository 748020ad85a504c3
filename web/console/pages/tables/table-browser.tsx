import Container from '@cloudscape-design/components/container';
import Grid from '@cloudscape-design/components/grid';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TextFilter from '@cloudscape-design/components/text-filter';
import Toggle from '@cloudscape-design/components/toggle';
import { useState, type ReactElement } from 'react';
import { useSearch } from 'wouter';
import { useSettled } from '../../forms/use-settled.ts';
import type { Edits } from './edits.ts';
import { standingIn, STANDINGS } from './standing-filter.ts';
import { TableList } from './table-list.tsx';
import { TableTree } from './table-tree.tsx';

/** What is looked for. */
export interface TableFilter {
  readonly search: string;
  readonly selectedOnly: boolean;
  /** A choice of {@link STANDINGS}. */
  readonly standing: string;
}

export interface BrowserProperties {
  readonly instance: string;
  /** Grows when the lists have to be read anew. */
  readonly round: number;
  readonly edits: Edits;
  readonly onEdit: (edits: Edits) => void;
  /** The table whose options are shown. */
  readonly shown: string | null;
  readonly onShow: (table: string) => void;
  readonly isReadOnly: boolean;
}

const SETTLED_MILLISECONDS = 300;
const FILTERS = [{ colspan: { default: 12, s: 7 } }, { colspan: { default: 12, s: 5 } }];
const OPTIONS = STANDINGS.map(({ value, label }) => ({ value, label }));

/** The source's tables, as a tree or as a list. */
export function TableBrowser(properties: BrowserProperties): ReactElement {
  const [view, setView] = useState('list');
  const [search, setSearch] = useState('');
  const [selectedOnly, setSelectedOnly] = useState(false);
  const address = useSearch();
  const [standing, setStanding] = useState(() => standingIn(address));
  const settled = useSettled(search, SETTLED_MILLISECONDS);
  const filter = { search: settled, selectedOnly, standing };
  return (
    <Container>
      <SpaceBetween size="m">
        <SpaceBetween direction="horizontal" size="m" alignItems="center">
          <SegmentedControl
            label="View"
            selectedId={view}
            options={[
              { id: 'list', text: 'List' },
              { id: 'tree', text: 'Tree' },
            ]}
            onChange={({ detail }) => setView(detail.selectedId)}
          />
          <Toggle checked={selectedOnly} onChange={({ detail }) => setSelectedOnly(detail.checked)}>
            Show selected only
          </Toggle>
        </SpaceBetween>
        <Grid gridDefinition={FILTERS}>
          <TextFilter
            filteringText={search}
            filteringPlaceholder="Find tables by a part of schema.table"
            filteringAriaLabel="Find tables"
            onChange={({ detail }) => setSearch(detail.filteringText)}
          />
          <Select
            selectedOption={OPTIONS.find(({ value }) => value === standing) ?? null}
            options={OPTIONS}
            inlineLabelText="Show"
            expandToViewport
            onChange={({ detail }) => setStanding(detail.selectedOption.value ?? '')}
          />
        </Grid>
        {view === 'list' ? (
          <TableList key={JSON.stringify(filter)} {...properties} filter={filter} />
        ) : (
          <TableTree key={JSON.stringify([filter, properties.round])} {...properties} filter={filter} />
        )}
      </SpaceBetween>
    </Container>
  );
}
