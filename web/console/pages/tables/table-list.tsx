import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState, type ReactElement } from 'react';
import type { TablePage, TableRow } from '../../../api/schemas/tables.ts';
import { useAction } from '../../api/use-action.ts';
import { useResource } from '../../api/use-resource.ts';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { counted, wholeNumber } from '../../words/numbers.ts';
import { BulkEdit } from './bulk-edit.tsx';
import { ListProblem } from './list-problem.tsx';
import { FIRST_PAGE, reachable, turnedTo, type PagesSeen } from '../../api/pages-seen.ts';
import type { BrowserProperties, TableFilter } from './table-browser.tsx';
import { fetchAllTables, fetchTables, PAGE_ROWS, queryOf } from './table-calls.ts';
import { tableColumns } from './table-columns.tsx';

interface Properties extends BrowserProperties {
  readonly filter: TableFilter;
}

/** The list view: a page at a time, however many tables there are. */
export function TableList(properties: Properties): ReactElement {
  const { instance, round, filter } = properties;
  const [pages, setPages] = useState(FIRST_PAGE);
  const [marked, setMarked] = useState<readonly TableRow[]>([]);
  const after = pages.starts[pages.page] ?? null;
  const query = { ...queryOf(filter), limit: PAGE_ROWS, ...(after === null ? {} : { after }) };
  const list = useResource(`${instance} tables ${round} ${JSON.stringify(query)}`, (signal) =>
    fetchTables(instance, query, signal),
  );
  const total = list.data?.total ?? 0;
  return (
    <SpaceBetween size="s">
      {list.problem === null ? null : <ProblemAlert problem={list.problem} retry={list.refresh} />}
      <ListProblem failure={list.data?.problem ?? null} />
      <Table
        variant="embedded"
        items={list.data?.items ?? []}
        trackBy="id"
        loading={list.data === null && list.problem === null}
        loadingText="Asking for tables"
        selectionType="multi"
        selectedItems={marked}
        onSelectionChange={({ detail }) => setMarked(detail.selectedItems)}
        ariaLabels={{
          tableLabel: 'Tables',
          allItemsSelectionLabel: () => 'Mark all of this page',
          itemSelectionLabel: (_selection, row) => `Mark ${row.id}`,
        }}
        enableKeyboardNavigation
        columnDefinitions={tableColumns(properties)}
        empty={<Box textAlign="center">No table matches.</Box>}
        header={<ListHeader {...properties} total={total} marked={marked} onMark={setMarked} />}
        pagination={<Pages data={list.data} pages={pages} onTurn={setPages} />}
      />
    </SpaceBetween>
  );
}

interface HeaderProperties extends Properties {
  readonly total: number;
  readonly marked: readonly TableRow[];
  readonly onMark: (rows: readonly TableRow[]) => void;
}

function ListHeader(properties: HeaderProperties): ReactElement {
  const { instance, filter, total, marked, onMark } = properties;
  const markAll = useAction(async (signal) => onMark(await fetchAllTables(instance, queryOf(filter), signal)));
  const canMarkMore = marked.length > 0 && marked.length < total;
  return (
    <>
      <Header
        variant="h3"
        headingTagOverride="h2"
        counter={
          marked.length === 0 ? `(${wholeNumber(total)})` : `(${wholeNumber(marked.length)}/${wholeNumber(total)})`
        }
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            {canMarkMore ? (
              <Button loading={markAll.isRunning} onClick={markAll.run}>
                Mark all {wholeNumber(total)}
              </Button>
            ) : null}
            <BulkEdit {...properties} rows={marked} onDone={() => onMark([])} />
          </SpaceBetween>
        }
      >
        Tables
      </Header>
      {markAll.problem === null ? null : <ProblemAlert problem={markAll.problem} />}
    </>
  );
}

interface PagesProperties {
  readonly data: TablePage | null;
  readonly pages: PagesSeen;
  readonly onTurn: (pages: PagesSeen) => void;
}

function Pages({ data, pages, onTurn }: PagesProperties): ReactElement {
  const next = data?.next ?? null;
  const count = reachable(pages, next);
  const all = Math.max(1, Math.ceil((data?.total ?? 0) / PAGE_ROWS));
  return (
    <SpaceBetween direction="horizontal" size="xs" alignItems="center">
      <Box variant="small">of {counted(all, 'page')}</Box>
      <Pagination
        currentPageIndex={pages.page + 1}
        pagesCount={count}
        openEnd={count < all}
        onChange={({ detail }) => onTurn(turnedTo(pages, detail.currentPageIndex - 1, next))}
        ariaLabels={{
          nextPageLabel: 'Next page',
          previousPageLabel: 'Previous page',
          pageLabel: (number) => `Page ${number}`,
        }}
      />
    </SpaceBetween>
  );
}
