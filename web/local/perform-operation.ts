import { delta } from '../../core/operations/replication/delta.ts';
import { syncNewTables } from '../../core/operations/new-tables/sync-new-tables.ts';
import { fullExtract, type CopiedTable } from '../../core/operations/copying/full-extract.ts';
import type { OperationContext } from '../../core/operations/operation-context.ts';
import { rollback } from '../../core/operations/rollback/rollback.ts';
import { syncStructure, tablesToRedo } from '../../core/operations/structure/sync-structure.ts';
import type { TableVerdict } from '../../core/operations/verification/verdict.ts';
import { verify } from '../../core/operations/verification/verify.ts';
import { counted } from '../api/operations/operation-summary.ts';
import { rollbackResult, structureResult } from '../api/operations/operation-result.ts';
import { failureOf } from '../api/problems/problem-document.ts';
import type { CopiedTables, OperationRequest, OperationResult } from '../api/schemas/operations.ts';
import { placeText } from '../../core/sources/place-text.ts';

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
      return rollbackResult(await rollback(context, options));
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
  const stopped = synced.stopped.filter((table) => !isCopied(table));
  return { ...structureResult({ ...synced, stopped }), copied };
}

function copiesOf(tables: readonly CopiedTable[]): CopiedTables {
  return tables.map((table) => ({ ...table, error: table.error === null ? null : failureOf(table.error) }));
}

function verdictOf(verdict: TableVerdict): Extract<OperationResult, { kind: 'verify' }>['tables'][number] {
  const { table } = verdict;
  const nothing = {
    ...{ sourceRows: null, destinationRows: null, differences: [], differing: 0, reason: null },
    ...{ columns: [], unsettled: 0, repaired: 0, position: null, at: null, chunks: null },
  };
  if (verdict.tag === 'notComparable') return { ...nothing, table, state: 'not comparable', reason: verdict.reason };
  const { at, chunks, repaired } = verdict;
  const compared = { ...nothing, table, position: placeText(verdict.position), at, chunks, repaired };
  switch (verdict.tag) {
    case 'equal':
      return { ...compared, state: 'equal', sourceRows: verdict.rows, destinationRows: verdict.rows };
    case 'unsettled': {
      const reason = `${counted(verdict.unsettled, 'row')} changed during every look`;
      return { ...compared, state: 'unsettled', sourceRows: verdict.rows, unsettled: verdict.unsettled, reason };
    }
    case 'different':
      return {
        ...{ ...compared, state: 'different', differing: verdict.differing, unsettled: verdict.unsettled },
        ...{ sourceRows: verdict.source.rows, destinationRows: verdict.destination.rows },
        differences: verdict.differences.map(({ kind, key, columns }) => ({
          ...{ kind, key: [...key], columns: [...columns] },
        })),
        columns: [...new Set(verdict.differences.flatMap(({ columns }) => columns))].sort(),
        reason: doubtsOf(verdict),
      };
  }
}

/** Why a table that differs may do so for another reason than wrong rows. */
function doubtsOf({ inFlight, overlaps }: Extract<TableVerdict, { tag: 'different' }>): string | null {
  const doubts = [
    ...(inFlight === 'possible'
      ? ['nobody reads the log: changes may only be on their way; run Manual Delta first']
      : []),
    ...(overlaps === 0 ? [] : [`${counted(overlaps, 'version')} of its history overlap: copy the table anew`]),
  ];
  return doubts.length === 0 ? null : doubts.join('; ');
}
