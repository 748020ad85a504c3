import { useCallback, useEffect, useRef, useState } from 'react';
import type { TableRow } from '../../../api/schemas/tables.ts';
import { problemOf, type Problem } from '../../api/problem.ts';
import type { TableFilter } from './table-browser.tsx';
import { fetchTables, PAGE_ROWS, queryOf } from './table-calls.ts';

/** The tables of one schema as far as they were asked for. */
export interface SchemaTables {
  readonly isOpen: boolean;
  readonly rows: readonly TableRow[];
  /** Where the next page begins; null: there is none. */
  readonly next: string | null;
  readonly isLoading: boolean;
  readonly problem: Problem | null;
}

const CLOSED: SchemaTables = { isOpen: false, rows: [], next: null, isLoading: false, problem: null };

interface OpenSchemas {
  readonly of: (schema: string) => SchemaTables;
  /** Asks for the first page, unless it is there. */
  readonly open: (schema: string) => void;
  /** Asks for the next page. */
  readonly more: (schema: string) => void;
}

export function useSchemaTables(instance: string, filter: TableFilter): OpenSchemas {
  const [open, setOpen] = useState<ReadonlyMap<string, SchemaTables>>(new Map());
  const controller = useRef<AbortController | null>(null);
  useEffect(() => {
    const own = new AbortController();
    controller.current = own;
    return () => own.abort();
  }, []);
  const set = useCallback((schema: string, change: (before: SchemaTables) => SchemaTables) => {
    setOpen((before) => new Map(before).set(schema, change(before.get(schema) ?? CLOSED)));
  }, []);
  const load = (schema: string) => {
    const before = open.get(schema) ?? CLOSED;
    const signal = controller.current?.signal;
    if (before.isLoading || signal === undefined) return;
    set(schema, (tables) => ({ ...tables, isOpen: true, isLoading: true, problem: null }));
    const query = {
      ...queryOf(filter),
      schema,
      limit: PAGE_ROWS,
      ...(before.next === null ? {} : { after: before.next }),
    };
    fetchTables(instance, query, signal)
      .then(({ items, next }) => {
        set(schema, (tables) => ({ ...tables, rows: [...tables.rows, ...items], next, isLoading: false }));
      })
      .catch((error: unknown) => {
        if (!signal.aborted) set(schema, (tables) => ({ ...tables, isLoading: false, problem: problemOf(error) }));
      });
  };
  return {
    of: (schema) => open.get(schema) ?? CLOSED,
    open: (schema) => {
      if (open.get(schema)?.isOpen !== true) load(schema);
    },
    more: load,
  };
}
