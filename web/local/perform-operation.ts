import { delta } from '../../core/operations/replication/delta.ts';
import { syncNewTables } from '../../core/operations/new-tables/sync-new-tables.ts';
import { fullExtract } from '../../core/operations/copying/full-extract.ts';
import type { OperationContext } from '../../core/operations/operation-context.ts';
import { rollback } from '../../core/operations/rollback/rollback.ts';
import { syncStructure } from '../../core/operations/structure/sync-structure.ts';
import { verify, type TableVerdict } from '../../core/operations/verification/verify.ts';
import { failureOf } from '../api/problems/problem-document.ts';
import type { OperationRequest, OperationResult } from '../api/schemas/operations.ts';

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
      const told = tables.map((table) => ({ ...table, error: table.error === null ? null : failureOf(table.error) }));
      return { kind, tables: told };
    }
    case 'sync-structure': {
      const options = { tables: request.tables ?? null, apply: request.dryRun !== true, load: true };
      const { tables, changes, stopped } = await syncStructure(context, options);
      const told = tables.map((table) => ({
        ...table,
        differences: table.differences.map(({ what, class: kind, reason }) => ({ what, class: kind, reason })),
      }));
      return { kind: 'sync-structure', changes, stopped: [...stopped], tables: told };
    }
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

function verdictOf(verdict: TableVerdict): Extract<OperationResult, { kind: 'verify' }>['tables'][number] {
  const { table } = verdict;
  const nothing = { sourceRows: null, destinationRows: null, differences: [], differing: 0, reason: null };
  switch (verdict.tag) {
    case 'equal':
      return { ...nothing, table, state: 'equal', sourceRows: verdict.rows, destinationRows: verdict.rows };
    case 'unsettled': {
      const reason = `${number(verdict.unsettled)} rows changed during every look`;
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
      return `${number(rows)} rows of ${number(copied.length)} tables copied${failed === 0 ? '' : `, ${number(failed)} failed`}`;
    }
    case 'sync-structure':
      return isDryRun ? 'differences were looked for' : `${number(result.changes)} differences made good`;
    case 'rollback': {
      const amount = `${number(result.rows)} changes of ${number(result.extracts)} extracts`;
      return isDryRun ? `${amount} would be applied again` : `${amount} applied again`;
    }
    case 'manual-delta':
      return `${number(result.rows)} changes in ${number(result.to - result.from)} extracts`;
    case 'verify': {
      const equal = result.tables.filter(({ state }) => state === 'equal').length;
      return `${number(equal)} of ${number(result.tables.length)} tables equal`;
    }
  }
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

/** The tables that the result says are in trouble: an operation with such has failed. */
export function troubleIn(result: OperationResult): string | null {
  if (result.kind !== 'full-extract' && result.kind !== 'sync-new-tables') return null;
  const failed = result.tables.filter(({ state }) => state === 'failed');
  return failed.length === 0 ? null : `${failed.length} of ${result.tables.length} tables failed`;
}
