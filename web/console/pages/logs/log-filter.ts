import type { LogKind, LogLine, LogQuery } from '../../../api/schemas/logs.ts';

/** What is looked for in the log; `all`: lines of every kind. */
export interface LogFilter {
  readonly kind: LogKind | 'all';
  readonly level: LogLine['level'];
  readonly search: string;
}

/** As the API asks for it: what is no limit is left out. */
export function filterQuery({ kind, level, search }: LogFilter): Pick<LogQuery, 'kind' | 'level' | 'search'> {
  return {
    ...(kind === 'all' ? {} : { kind }),
    ...(level === 'info' ? {} : { level }),
    ...(search === '' ? {} : { search }),
  };
}

/** The names and values of a line beside its message. */
export function detailsOf({ fields }: Pick<LogLine, 'fields'>): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}
