import type { Catalog } from '../../core/catalog/catalog.ts';
import type { ChunkRecord, FullExtractRecord, TableRecord } from '../../core/catalog/records.ts';
import type { ProgressRow } from '../api/schemas/values.ts';

/** Of so many tables at most the chunks are looked at: each is a query. */
const LOOKED_INTO = 40;
const SHOWN = 200;
const ORDER: Readonly<Record<ProgressRow['state'], number>> = {
  failed: 0,
  copying: 1,
  finishing: 2,
  waiting: 3,
  done: 4,
};

/** How far the tables of a copy are, as the catalog knows it: those first that somebody wants to see. */
export async function copyProgress(catalog: Catalog, run: FullExtractRecord): Promise<ProgressRow[]> {
  const records = new Map((await catalog.tables()).map((record): [string, TableRecord] => [record.table, record]));
  const copying: TableRecord[] = [];
  const rows: ProgressRow[] = [];
  for (const id of run.tables) {
    const record = records.get(id);
    if (isCut(record, run) && copying.length < LOOKED_INTO) copying.push(record);
    else rows.push(rowOf(id, record, run));
  }
  const looked = copying.map(async (record) => {
    const chunks = await catalog.chunks(record.table, record.generation);
    return rowOfChunks(
      record.table,
      chunks.map((chunk) => chunk.record),
    );
  });
  rows.push(...(await Promise.all(looked)));
  return rows.sort((a, b) => ORDER[a.state] - ORDER[b.state]).slice(0, SHOWN);
}

function isCut(record: TableRecord | undefined, { run }: FullExtractRecord): record is TableRecord {
  return record?.run === run && record.state.tag === 'copying' && record.chunks !== null;
}

function rowOf(table: string, record: TableRecord | undefined, { run }: FullExtractRecord): ProgressRow {
  const nothing = { table, rows: 0, estimatedRows: null, bytes: 0 };
  if (record?.run !== run) return { ...nothing, state: 'waiting' };
  switch (record.state.tag) {
    case 'new':
      return { ...nothing, state: 'waiting' };
    case 'copying':
      return { ...nothing, state: 'copying' };
    case 'following':
      return { ...nothing, state: 'done', rows: record.copiedRows, estimatedRows: record.copiedRows };
    case 'stopped':
      return { ...nothing, state: 'failed' };
  }
}

/** Pure. What is extracted tells how many rows the table may have. */
export function rowOfChunks(table: string, chunks: readonly ChunkRecord[]): ProgressRow {
  const extracted = chunks.flatMap(({ state }) => (state.tag === 'extracted' ? [state] : []));
  const loaded = extracted.filter((chunk) => chunk.loaded);
  const sum = (of: 'rows' | 'bytes', list: typeof extracted): number =>
    list.reduce((total, chunk) => total + chunk[of], 0);
  const all = extracted.length === 0 ? null : Math.round((sum('rows', extracted) / extracted.length) * chunks.length);
  const isFailed = chunks.some(({ state }) => state.tag === 'failed');
  const isLoaded = chunks.length > 0 && loaded.length === chunks.length;
  return {
    ...{ table, rows: sum('rows', loaded), estimatedRows: all, bytes: sum('bytes', loaded) },
    state: isFailed ? 'failed' : isLoaded ? 'finishing' : 'copying',
  };
}
