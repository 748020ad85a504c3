import type { CopiedTables, OperationResult } from '../schemas/operations.ts';

/** The copies of a result; empty where it is not about copies. */
export function copiesIn(result: OperationResult): CopiedTables {
  if (result.kind === 'sync-structure') return result.copied;
  return result.kind === 'full-extract' || result.kind === 'sync-new-tables' ? result.tables : [];
}

/** One sentence of what was done. */
export function summaryOf(result: OperationResult, isDryRun: boolean): string {
  switch (result.kind) {
    case 'full-extract':
    case 'sync-new-tables': {
      const copied = result.tables.filter(({ state }) => state === 'copied');
      const failed = result.tables.filter(({ state }) => state === 'failed').length;
      const rows = copied.reduce((sum, table) => sum + table.rows, 0);
      return `${counted(rows, 'row')} of ${counted(copied.length, 'table')} copied${failed === 0 ? '' : `, ${wholeNumber(failed)} failed`}`;
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
      const having = (wanted: string): number => result.tables.filter(({ state }) => state === wanted).length;
      const others = (['different', 'unsettled', 'not comparable'] as const)
        .filter((state) => having(state) > 0)
        .map((state) => `, ${wholeNumber(having(state))} ${state}`);
      return `${wholeNumber(having('equal'))} of ${counted(result.tables.length, 'table')} equal${others.join('')}`;
    }
  }
}

/** `3 rows`, `1 row`. */
export function counted(value: number, one: string): string {
  return `${wholeNumber(value)} ${one}${value === 1 ? '' : 's'}`;
}

export function wholeNumber(value: number): string {
  return value.toLocaleString('en-US');
}

/** The tables that the result says are in trouble: an operation with such has failed. */
export function troubleIn(result: OperationResult): string | null {
  const copies = copiesIn(result);
  const failed = copies.filter(({ state }) => state === 'failed');
  return failed.length === 0 ? null : `${failed.length} of ${copies.length} tables failed`;
}
