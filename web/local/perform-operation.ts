import { delta } from '../../core/operations/replication/delta.ts';
import { syncNewTables } from '../../core/operations/new-tables/sync-new-tables.ts';
import { fullExtract, type CopiedTable } from '../../core/operations/copying/full-extract.ts';
import type { OperationContext } from '../../core/operations/operation-context.ts';
import { rollback } from '../../core/operations/rollback/rollback.ts';
import { syncStructure, tablesToRedo } from '../../core/operations/structure/sync-structure.ts';
import { verify, type TableVerdict } from '../../core/operations/verification/verify.ts';
import { failureOf } from '../api/problems/problem-document.ts';
import type { CopiedTables, OperationRequest, OperationResult } from '../api/schemas/operations.ts';

/**
 * What an operation needs: that nothing else works (`standstill`), that no other operation changes anything while replication goes on
 * (`turn`), or nothing, because it only looks.
 */
export function needOf(request: OperationRequest): 'standstill' | 'turn' | 'nothing' {
  switch (request.kind) {
    case 'full-extract':
    case 'manual-delta':
      return 'standstill';
    case 'sync-new-tables':
      return 'turn';
    case 'sync-structure':
    case 'rollback':
      return request.dryRun === true ? 'nothing' : 'standstill';
    case 'verify':
      return 'nothing';
  }
}

/** Whether it changes something: one at a time does. */
export function isExclusive(request: OperationRequest): boolean {
  return needOf(request) !== 'nothing';
}

/** Does what is asked for in this process. */
export async function performOperation(context: OperationContext, request: OperationRequest): Promise<OperationResult> {
  switch (request.kind) {
    case 'full-extract':
    case 'sync-new-tables': {
      const { kind, tables: wanted = null } = request;
      const { tables } =
        kind === 'full-extract'
          ? await fullExtract(context, { tables: wanted })
          : await syncNewTables(context, { tables: wanted, operation: null });
      return { kind, tables: copiesOf(tables) };
    }
    case 'sync-structure':
      return syncStructureAndRedo(context, request);
    case 'rollback': {
      const options = { to: request.to, tables: request.tables ?? null, dryRun: request.dryRun === true, load: true };
      const { from, to, extracts, rows, bytes, ...rest } = await rollback(context, options);
      return {
        ...{ kind: 'rollback', from, to, extracts, rows, bytes },
        tables: rest.tables.map((table) => ({ ...table })),
        fromLog: rest.fromLog === null ? null : { ...rest.fromLog },
        left: rest.left.map(({ table, reason }) => ({ table, reason })),
        ...{ resumed: [...rest.resumed], stopped: [...rest.stopped] },
      };
    }
    case 'manual-delta': {
      const { from, to, rows, stopped } = await delta(context);
      return { kind: 'manual-delta', from, to, rows, stopped: [...stopped] };
    }
    case 'verify': {
      const { equal, tables } = await verify(context, {
        tables: request.tables ?? null,
        repair: request.repair === true,
      });
      return { kind: 'verify', equal, tables: tables.map(verdictOf) };
    }
  }
}

/** What only a copy makes the same is copied where that was asked for: after the rest was made the same. */
async function syncStructureAndRedo(
  context: OperationContext,
  request: Extract<OperationRequest, { kind: 'sync-structure' }>,
): Promise<Extract<OperationResult, { kind: 'sync-structure' }>> {
  const { tables: wanted = null, dryRun = false, dropColumns = false, redo = false } = request;
  const synced = await syncStructure(context, { tables: wanted, apply: !dryRun, dropColumns, load: true });
  const toRedo = tablesToRedo(synced);
  const isCopying = redo && !dryRun && toRedo.length > 0;
  const copied = isCopying ? copiesOf((await fullExtract(context, { tables: toRedo })).tables) : [];
  const isCopied = (table: string): boolean => copied.some((one) => one.table === table && one.error === null);
  return {
    ...{ kind: 'sync-structure', changes: synced.changes, toRedo, copied },
    stopped: synced.stopped.filter((table) => !isCopied(table)),
    tables: synced.tables.map((table) => ({
      ...table,
      differences: table.differences.map(({ what, class: kind, reason }) => ({ what, class: kind, reason })),
    })),
  };
}

function copiesOf(tables: readonly CopiedTable[]): CopiedTables {
  return tables.map((table) => ({ ...table, error: table.error === null ? null : failureOf(table.error) }));
}

/** The copies of a result; empty where it is not about copies. */
export function copiesIn(result: OperationResult): CopiedTables {
  if (result.kind === 'sync-structure') return result.copied;
  return result.kind === 'full-extract' || result.kind === 'sync-new-tables' ? result.tables : [];
}

function verdictOf(verdict: TableVerdict): Extract<OperationResult, { kind: 'verify' }>['tables'][number] {
  const { table } = verdict;
  const nothing = { sourceRows: null, destinationRows: null, differences: [], differing: 0, reason: null };
  switch (verdict.tag) {
    case 'equal':
      return { ...nothing, table, state: 'equal', sourceRows: verdict.rows, destinationRows: verdict.rows };
    case 'unsettled': {
      const reason = `${counted(verdict.unsettled, 'row')} changed during every look`;
      return { ...nothing, table, state: 'unsettled', sourceRows: verdict.rows, reason };
    }
    case 'different':
      return {
        ...{ table, state: 'different', reason: null, differing: verdict.differing },
        ...{ sourceRows: verdict.source.rows, destinationRows: verdict.destination.rows },
        differences: verdict.differences.map(({ kind, key }) => ({ kind, key: [...key] })),
      };
    case 'notComparable':
      return { ...nothing, table, state: 'not comparable', reason: verdict.reason };
  }
}

/** One sentence of what was done. */
export function summaryOf(result: OperationResult, isDryRun: boolean): string {
  switch (result.kind) {
    case 'full-extract':
    case 'sync-new-tables': {
      const copied = result.tables.filter(({ state }) => state === 'copied');
      const failed = result.tables.filter(({ state }) => state === 'failed').length;
      const rows = copied.reduce((sum, table) => sum + table.rows, 0);
      return `${counted(rows, 'row')} of ${counted(copied.length, 'table')} copied${failed === 0 ? '' : `, ${number(failed)} failed`}`;
    }
    case 'sync-structure': {
      if (isDryRun) return 'differences were looked for';
      const anew = result.copied.filter(({ state }) => state === 'copied').length;
      return `${counted(result.changes, 'difference')} made good${anew === 0 ? '' : `, ${counted(anew, 'table')} copied anew`}`;
    }
    case 'rollback': {
      const amount = `${counted(result.rows, 'change')} of ${counted(result.extracts, 'extract')}`;
      return isDryRun ? `${amount} would be applied again` : `${amount} applied again`;
    }
    case 'manual-delta':
      return `${counted(result.rows, 'change')} in ${counted(result.to - result.from, 'extract')}`;
    case 'verify': {
      const equal = result.tables.filter(({ state }) => state === 'equal').length;
      return `${number(equal)} of ${counted(result.tables.length, 'table')} equal`;
    }
  }
}

function counted(value: number, one: string): string {
  return `${number(value)} ${one}${value === 1 ? '' : 's'}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

/** The tables that the result says are in trouble: an operation with such has failed. */
export function troubleIn(result: OperationResult): string | null {
  const copies = copiesIn(result);
  const failed = copies.filter(({ state }) => state === 'failed');
  return failed.length === 0 ? null : `${failed.length} of ${copies.length} tables failed`;
}
