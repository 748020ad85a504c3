import Pagination from '@cloudscape-design/components/pagination';
import Table from '@cloudscape-design/components/table';
import { useState, type ReactElement, type ReactNode } from 'react';

export interface ResultColumn<Item> {
  readonly header: string;
  readonly cell: (item: Item) => ReactNode;
  /** Pixels; for what must not be broken in the middle of a word. */
  readonly minWidth?: number;
}

interface Properties<Item> {
  readonly label: string;
  readonly items: readonly Item[];
  /** The first one names the row. */
  readonly columns: readonly ResultColumn<Item>[];
}

const ROWS = 20;

/** Rows of a result, a page at a time: there may be one for each of ten thousand tables. */
export function ResultTable<Item>({ label, items, columns }: Properties<Item>): ReactElement {
  const [page, setPage] = useState(0);
  const pages = Math.max(1, Math.ceil(items.length / ROWS));
  const shown = Math.min(page, pages - 1);
  return (
    <Table
      variant="embedded"
      wrapLines
      items={items.slice(shown * ROWS, (shown + 1) * ROWS)}
      columnDefinitions={columns.map(({ header, cell, minWidth }, index) => ({
        id: header,
        header,
        cell,
        isRowHeader: index === 0,
        ...(minWidth === undefined ? {} : { minWidth }),
      }))}
      ariaLabels={{ tableLabel: label }}
      empty="None"
      pagination={
        pages === 1 ? null : (
          <Pagination
            currentPageIndex={shown + 1}
            pagesCount={pages}
            onChange={({ detail }) => setPage(detail.currentPageIndex - 1)}
            ariaLabels={{
              nextPageLabel: `${label}: next page`,
              previousPageLabel: `${label}: previous page`,
              pageLabel: (number) => `Page ${number}`,
            }}
          />
        )
      }
    />
  );
}
