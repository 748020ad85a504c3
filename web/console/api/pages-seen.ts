/** Pages of a list whose next page is known only from the one before it: where each one begins that was seen so far. */
export interface PagesSeen {
  readonly starts: readonly (string | null)[];
  /** The page that is shown, from 0 on. */
  readonly page: number;
}

export const FIRST_PAGE: PagesSeen = { starts: [null], page: 0 };

/** @param next where the page after the shown one begins; null: it is the last one */
export function turnedTo({ starts, page }: PagesSeen, wanted: number, next: string | null): PagesSeen {
  const known = wanted === starts.length && page === starts.length - 1 && next !== null ? [...starts, next] : starts;
  return { starts: known, page: Math.min(Math.max(wanted, 0), known.length - 1) };
}

/** How many pages can be turned to from the shown one. */
export function reachable({ starts, page }: PagesSeen, next: string | null): number {
  return starts.length + (next !== null && page === starts.length - 1 ? 1 : 0);
}
