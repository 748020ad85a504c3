import { useCallback, useEffect, useState } from 'react';
import type { LogLine, LogPage } from '../../../api/schemas/logs.ts';
import { call } from '../../api/client.ts';
import { useLiveLog, useLiveMode } from '../../api/live.tsx';
import type { Problem } from '../../api/problem.ts';
import { useAction } from '../../api/use-action.ts';
import { useResource } from '../../api/use-resource.ts';
import { filterQuery, type LogFilter } from './log-filter.ts';
import { mergedLines } from './merged-lines.ts';

const PAGE = 500;
/** More lines are for the download. */
const MOST = 5000;
const POLL_MILLISECONDS = 3000;

export interface ReadLog {
  readonly lines: readonly LogLine[];
  readonly isLoading: boolean;
  readonly problem: Problem | null;
  readonly retry: () => void;
  /** Null: nothing lies before what is shown, or enough is shown. */
  readonly showEarlier: (() => void) | null;
  readonly isLoadingEarlier: boolean;
}

/** The last lines that match; new ones come by themselves while the log is followed. @param filter must stay the same one */
export function useLog(instance: string, filter: LogFilter, isFollowed: boolean): ReadLog {
  const mode = useLiveMode();
  const parameters = { name: instance };
  const query = { ...filterQuery(filter), limit: PAGE };
  const ask = (place: { after?: string; before?: string }, signal: AbortSignal): Promise<LogPage> =>
    call('GET /instances/{name}/logs', { parameters, query: { ...query, ...place }, signal });
  const page = useResource(`${instance} logs ${JSON.stringify(query)}`, (signal) => ask({}, signal));
  const [more, setMore] = useState<readonly LogLine[]>([]);
  const [first, setFirst] = useState<string | null | undefined>(undefined);
  const lines = mergedLines(page.data?.items ?? [], more, MOST);
  const last = lines.at(-1)?.id ?? page.data?.last ?? null;
  const later = useAction(async (signal) => {
    const { items } = await ask({ after: last ?? '' }, signal);
    setMore((before) => mergedLines(before, items, MOST));
  });
  const before = first === undefined ? (page.data?.first ?? null) : first;
  const earlier = useAction(async (signal) => {
    const found = await ask(before === null ? {} : { before }, signal);
    setFirst(found.first);
    setMore((known) => mergedLines(known, found.items, MOST));
  });
  // Which lines match is decided in one place: the server is asked when there is something new.
  const fetchLater = later.run;
  const isReady = isFollowed && page.data !== null;
  useLiveLog(useCallback(() => (isReady ? fetchLater() : undefined), [isReady, fetchLater]));
  useEffect(() => {
    if (!isReady || mode === 'events') return undefined;
    const timer = setInterval(fetchLater, POLL_MILLISECONDS);
    return () => clearInterval(timer);
  }, [isReady, mode, fetchLater]);
  return {
    lines,
    isLoading: page.data === null && page.problem === null,
    problem: page.problem ?? later.problem ?? earlier.problem,
    retry: page.refresh,
    showEarlier: before === null || lines.length >= MOST ? null : () => earlier.run(),
    isLoadingEarlier: earlier.isRunning,
  };
}
