import Pagination from '@cloudscape-design/components/pagination';
import type { ReactElement } from 'react';
import { reachable, turnedTo, type PagesSeen } from '../api/pages-seen.ts';

interface TurnPagesProperties {
  readonly pages: PagesSeen;
  /** Where the page after the shown one begins; null: it is the last one. */
  readonly next: string | null;
  readonly onTurn: (pages: PagesSeen) => void;
  readonly previousLabel?: string;
  readonly nextLabel?: string;
}

/** Turns the pages of a list that tells only what follows the page that is shown. */
export function TurnPages({
  pages,
  next,
  onTurn,
  previousLabel = 'Previous page',
  nextLabel = 'Next page',
}: TurnPagesProperties): ReactElement {
  return (
    <Pagination
      currentPageIndex={pages.page + 1}
      pagesCount={reachable(pages, next)}
      openEnd={next !== null}
      onChange={({ detail }) => onTurn(turnedTo(pages, detail.currentPageIndex - 1, next))}
      ariaLabels={{
        nextPageLabel: nextLabel,
        previousPageLabel: previousLabel,
        pageLabel: (number) => `Page ${number}`,
      }}
    />
  );
}
