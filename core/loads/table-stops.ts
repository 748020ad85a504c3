import type { ExtractRecord, TableRecord } from '../catalog/records.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import { emitTable, NO_CHANGES } from '../events/flow-events.ts';
import type { LoadContext } from './load-context.ts';

/** The extract that cannot be applied to the table. */
export type StoppingExtract = Pick<ExtractRecord, 'number' | 'sourceDate'>;

/** Takes a table out of loading until somebody mends it; its mark stays behind, so that nothing is skipped. */
export class TableStops {
  readonly #context: LoadContext;

  constructor(context: LoadContext) {
    this.#context = context;
  }

  /** `extract`: the one that could not be loaded into it; null: none was tried. */
  async stop(table: string, error: PenstockError, extract: StoppingExtract | null): Promise<TableRecord> {
    const { catalog, host, lease, pipeline } = this.#context;
    const since = host.clock.timestamp();
    const record = await catalog.updateTable(table, lease, (before) => {
      if (before === null) throw new PenstockError('PS9001', `${table} is stopped but not in the catalog`);
      return {
        ...before,
        state: { tag: 'stopped', code: error.code, message: error.message, remedy: error.remedy, since },
      };
    });
    host.log.error('table stopped', {
      table,
      extract: extract?.number ?? null,
      code: error.code,
      message: error.message,
    });
    host.events.emit({
      type: 'TableStopped',
      pipeline,
      generated: since,
      table,
      errorCode: error.code,
      message: error.message,
      remedy: error.remedy,
    });
    const nothing = { ...NO_CHANGES, destInserts: 0, destUpdates: 0, destDeletes: 0 };
    emitTable(host, pipeline, table, {
      type: 'TableLoaded',
      ...{ success: false, message: error.message, sourceTS: extract?.sourceDate ?? since },
      ...nothing,
    });
    return record;
  }
}
