import type { RollbackResult } from '../../../core/operations/rollback/rollback.ts';
import { tablesToRedo, type SyncStructureResult } from '../../../core/operations/structure/sync-structure.ts';
import type { OperationResult } from '../schemas/operations.ts';

type ResultOf<Kind extends OperationResult['kind']> = Extract<OperationResult, { readonly kind: Kind }>;

export function structureResult(synced: SyncStructureResult): ResultOf<'sync-structure'> {
  const told = synced.tables.map(({ table, state, differences, reason, resumed }) => ({
    ...{ table, state, reason, resumed },
    differences: differences.map(({ what, class: kind, reason: why }) => ({ what, class: kind, reason: why })),
  }));
  const { changes, stopped } = synced;
  return {
    kind: 'sync-structure',
    changes,
    stopped: [...stopped],
    tables: told,
    toRedo: tablesToRedo(synced),
    copied: [],
  };
}

export function rollbackResult({
  from,
  to,
  extracts,
  rows,
  bytes,
  ...rest
}: Omit<RollbackResult, 'more'>): ResultOf<'rollback'> {
  return {
    ...{ kind: 'rollback', from, to, extracts, rows, bytes },
    tables: rest.tables.map((table) => ({ ...table })),
    fromLog: rest.fromLog === null ? null : { ...rest.fromLog },
    left: rest.left.map(({ table, reason }) => ({ table, reason })),
    ...{ resumed: [...rest.resumed], stopped: [...rest.stopped] },
  };
}
