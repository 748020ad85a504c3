import type { ExtractRecord } from '../../catalog/records.ts';
import { hasCode, PenstockError } from '../../errors/penstock-error.ts';
import { readManifests } from '../../extracts/read-piece.ts';
import { catalogOf } from '../contexts.ts';
import type { OperationContext } from '../operation-context.ts';
import { wasMadeAgain } from '../retention/hold-files.ts';
import type { TableReplay } from './rollback-plan.ts';

export interface RolledBackTable {
  readonly table: string;
  readonly from: number;
  readonly to: number;
  readonly rows: number;
}

/** How much there is to be applied again. */
export interface Measured {
  /** The first and the last extract; both 0 where there is none. */
  readonly from: number;
  readonly to: number;
  readonly extracts: number;
  /** Lines of the parts, and their compressed bytes; of the extracts that are gone nothing is known. */
  readonly rows: number;
  readonly bytes: number;
  readonly tables: readonly RolledBackTable[];
}

/** Extracts whose manifests are read side by side. */
const READERS = 8;
/** Extracts that a message names. */
const NAMED = 5;

/**
 * Reads the manifests of all extracts that are needed: they say how much there is to do, and that it can be done.
 * @returns besides the extracts whose files have expired or are damaged, ascending
 */
export async function measure(
  context: OperationContext,
  replays: readonly TableReplay[],
): Promise<{ readonly measured: Measured; readonly gone: readonly ExtractRecord[] }> {
  if (replays.length === 0) return { measured: NOTHING, gone: [] };
  const first = Math.min(...replays.map(({ from }) => from));
  const last = Math.max(...replays.map(({ upTo }) => upTo));
  const catalog = catalogOf(context);
  const { kept } = (await catalog.retention()).record;
  const rows = new Map<string, number>(replays.map(({ table }) => [table, 0]));
  const gone: ExtractRecord[] = [];
  let bytes = 0;
  const add = async (record: ExtractRecord): Promise<void> => {
    const { number } = record;
    if (number < kept && !wasMadeAgain(context, record)) {
      gone.push(record);
      return;
    }
    for (const { manifest } of await readManifests(context.host, record, context.signal)) {
      for (const { table, lines, rows: lineCount } of manifest.parts) {
        if (!isNeeded(replays, table, number)) continue;
        rows.set(table, (rows.get(table) ?? 0) + lineCount);
        bytes += lines?.length ?? 0;
      }
    }
  };
  for (let after = first - 1; after < last; after += READERS) {
    const records = await catalog.extractsAfter(after, Math.min(READERS, last - after));
    await Promise.all(
      records.map((record) =>
        add(record).catch((error: unknown) => {
          if (!hasCode(error, 'PS3001')) throw error;
          gone.push(record);
        }),
      ),
    );
  }
  const tables = replays.map(({ table, from, upTo }) => ({ table, from, to: upTo, rows: rows.get(table) ?? 0 }));
  const total = tables.reduce((sum, table) => sum + table.rows, 0);
  return {
    measured: { from: first, to: last, extracts: last - first + 1, rows: total, bytes, tables },
    gone: gone.sort((a, b) => a.number - b.number),
  };
}

const NOTHING: Measured = { from: 0, to: 0, extracts: 0, rows: 0, bytes: 0, tables: [] };

/** Whether a table's rows are made anew from this extract. */
export function isNeeded(replays: readonly TableReplay[], table: string, extract: number): boolean {
  return replays.some((replay) => replay.table === table && replay.from <= extract && replay.upTo >= extract);
}

/** `why`: what keeps the files from being made again. */
export function filesGone(context: OperationContext, gone: readonly ExtractRecord[], why: string): PenstockError {
  const numbers = gone.map(({ number }) => number);
  const names =
    numbers.slice(0, NAMED).join(', ') + (numbers.length > NAMED ? ` and ${numbers.length - NAMED} more` : '');
  const what = numbers.length === 1 ? 'extract' : 'extracts';
  return new PenstockError('PS3001', `the rollback needs ${what} ${names}, whose files are gone or damaged; ${why}`, {
    remedy: `Choose a point after extract ${numbers.at(-1) ?? 0}, or set redoInitialExtract for the tables and run \`penstock full-extract\` for ${context.settings.pipeline}.`,
  });
}
