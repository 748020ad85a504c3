import type { CopyTable } from './copy-table.ts';
import type { Progress } from '../operation-context.ts';

type CopyState = Extract<Progress, { tag: 'copy' }>['state'];

interface TableProgress {
  readonly estimatedRows: number | null;
  readonly chunks: number;
  loadedChunks: number;
  rows: number;
  bytes: number;
}

/** Counts what was loaded of each table and reports it. */
export class CopyProgress {
  readonly #report: (update: Progress) => void;
  readonly #tables = new Map<string, TableProgress>();

  constructor(report: (update: Progress) => void) {
    this.#report = report;
  }

  begin(table: CopyTable): void {
    const { estimatedRows, chunks } = table;
    this.#tables.set(table.id, { estimatedRows, chunks: chunks.length, loadedChunks: 0, rows: 0, bytes: 0 });
    this.#emit(table.id, 'copying');
  }

  /** @returns true when it was the table's last chunk */
  chunkLoaded(id: string, rows: number, bytes: number): boolean {
    const table = this.#tables.get(id);
    if (table === undefined) return false;
    table.loadedChunks++;
    table.rows += rows;
    table.bytes += bytes;
    this.#emit(id, 'copying');
    return table.loadedChunks === table.chunks;
  }

  finishing(id: string): void {
    this.#emit(id, 'finishing');
  }

  end(id: string, state: Extract<CopyState, 'done' | 'failed'>): void {
    this.#emit(id, state);
  }

  loaded(id: string): { readonly rows: number; readonly bytes: number } {
    const table = this.#tables.get(id);
    return { rows: table?.rows ?? 0, bytes: table?.bytes ?? 0 };
  }

  #emit(id: string, state: CopyState): void {
    const table = this.#tables.get(id);
    this.#report({
      tag: 'copy',
      table: id,
      state,
      rows: table?.rows ?? 0,
      estimatedRows: table?.estimatedRows ?? null,
      bytes: table?.bytes ?? 0,
    });
  }
}
