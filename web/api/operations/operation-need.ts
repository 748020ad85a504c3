import type { OperationRequest } from '../schemas/operations.ts';

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
