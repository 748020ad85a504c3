import { tableId } from '../changes/table-name.ts';
import { targetOf } from '../destinations/target-naming.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import type { Finding } from '../sources/source-connector.ts';
import type { OperationContext } from './operation-context.ts';
import { selectionsOf, tableSettings } from './pipeline-tables.ts';

export interface SourceFindings {
  readonly source: readonly Finding[];
  /** Whether the tables and columns exist, and whether the destination can hold them; none where the source itself is not ready. */
  readonly tables: readonly Finding[];
}

/** Whether the source and the chosen tables are ready. Does not ask the destination. */
export async function checkSource(
  context: Pick<OperationContext, 'settings' | 'source' | 'signal'>,
): Promise<SourceFindings> {
  const { settings, source, signal } = context;
  const found = await source.check(selectionsOf(settings), signal);
  return {
    source: found,
    tables: found.some(({ severity }) => severity === 'error') ? [] : await checkTables(context),
  };
}

async function checkTables({
  settings,
  source,
  signal,
}: Pick<OperationContext, 'settings' | 'source' | 'signal'>): Promise<Finding[]> {
  try {
    const schemas = await source.describeTables(selectionsOf(settings), signal);
    for (const schema of schemas) targetOf(settings, tableSettings(settings, tableId(schema.table)), schema);
    const message = `${schemas.length} table${schemas.length === 1 ? '' : 's'} can be replicated`;
    return [{ code: 'tables', severity: 'ok', message, remedy: null }];
  } catch (error) {
    if (!(error instanceof PenstockError)) throw error;
    return [{ code: error.code, severity: 'error', message: error.message, remedy: error.remedy }];
  }
}
