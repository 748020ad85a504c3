import type { LogFilter } from '../console-host.ts';
import type { LogLine } from '../schemas/logs.ts';

const ORDER = { info: 0, warn: 1, error: 2 } as const;

/** Pure. */
export function isWanted(line: LogLine, { kind, search, level }: LogFilter): boolean {
  if (kind === 'errors' ? line.level === 'info' : kind !== null && line.kind !== kind) return false;
  if (level !== null && ORDER[line.level] < ORDER[level]) return false;
  return search === null || `${line.message} ${JSON.stringify(line.fields)}`.toLowerCase().includes(search);
}
