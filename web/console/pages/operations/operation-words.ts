import type { Operation, OperationKind } from '../../../api/schemas/operations.ts';

export interface OperationWords {
  readonly title: string;
  /** In one sentence. */
  readonly description: string;
  /** What happens, before it does. */
  readonly steps: readonly string[];
}

/** The order in which they are offered. */
export const KINDS: readonly OperationKind[] = [
  'full-extract',
  'sync-new-tables',
  'sync-structure',
  'rollback',
  'manual-delta',
  'verify',
];

export const WORDS: Readonly<Record<OperationKind, OperationWords>> = {
  'full-extract': {
    title: 'Full Extract',
    description:
      'Extract and load all tables selected in the pipeline, except the ones set to skip the initial extract.',
    steps: [
      'What is replicated now ends at a clean place first, and goes on afterwards from the same point of the log.',
      'Every table is copied beside the one that is there, and replaces it when it is whole: readers never see half a table.',
      'Stopped, it goes on where it was when it is started again.',
    ],
  },
  'sync-new-tables': {
    title: 'Sync New Tables',
    description:
      'Extract and load the newly added tables, and tables marked for “Redo initial extract”, while replication goes on.',
    steps: [
      'Tables that were never copied and those marked for “Redo initial extract” are copied.',
      'Replication of all other tables goes on meanwhile.',
      'It does not replace the first full extract.',
    ],
  },
  'sync-structure': {
    title: 'Sync Struct',
    description: 'Synchronize schema changes from source to the destination, without losing data.',
    steps: [
      'The structures of source and destination are compared first: nothing is changed by that.',
      'You see each difference with its class before anything is made good.',
      'Tables that stopped because of their structure load again from where they stopped.',
    ],
  },
  rollback: {
    title: 'Rollback',
    description: 'Rollback the pipeline to restart from the previously executed logs.',
    steps: [],
  },
  'manual-delta': {
    title: 'Manual Delta',
    description: 'Trigger a delta extract manually.',
    steps: [
      'All changes that are in the source’s log now are extracted and loaded, once.',
      'Where the schedule follows changes by itself, that ends at a clean place first and goes on afterwards.',
    ],
  },
  verify: {
    title: 'Verify',
    description: 'Compare the tables of source and destination, tell rows that differ, and repair them if you like.',
    steps: [
      'Every row of the chosen tables is read at both sides, in chunks; rows that change meanwhile are looked at again.',
      'Replication goes on. Both databases have the work of reading the tables.',
    ],
  },
};

export const STATES: Readonly<
  Record<
    Operation['state'],
    { readonly type: 'in-progress' | 'success' | 'error' | 'stopped' | 'warning'; readonly text: string }
  >
> = {
  running: { type: 'in-progress', text: 'At work' },
  stopping: { type: 'in-progress', text: 'Stopping' },
  succeeded: { type: 'success', text: 'Succeeded' },
  failed: { type: 'error', text: 'Failed' },
  stopped: { type: 'stopped', text: 'Stopped' },
  interrupted: { type: 'warning', text: 'Interrupted' },
};

/** `Rollback to 12 (dry run)`. */
export function operationTitle({ request }: Pick<Operation, 'request'>): string {
  const to = request.kind === 'rollback' ? ` to ${request.to}` : '';
  const dry = 'dryRun' in request && request.dryRun ? ' (dry run)' : '';
  return `${WORDS[request.kind].title}${moreThan(request)}${to}${dry}`;
}

/** What was asked for beside the operation itself. */
function moreThan(request: Operation['request']): string {
  if (request.kind === 'verify') return request.repair ? ' and repair' : '';
  if (request.kind !== 'sync-structure') return '';
  return `${request.dropColumns ? ', dropping columns' : ''}${request.redo ? ', copying anew' : ''}`;
}

/** `all chosen tables`, or their names. */
export function tablesText({ request }: Pick<Operation, 'request'>): string {
  const tables = 'tables' in request ? (request.tables ?? null) : null;
  if (request.kind === 'manual-delta') return '–';
  if (tables === null) return request.kind === 'sync-new-tables' ? 'new and marked tables' : 'all chosen tables';
  const shown = tables.slice(0, 3).join(', ');
  return tables.length <= 3 ? shown : `${shown} and ${tables.length - 3} more`;
}

export function isAtWork({ state }: Pick<Operation, 'state'>): boolean {
  return state === 'running' || state === 'stopping';
}
