import { PenstockError } from '../../../errors/penstock-error.ts';
import type { MinedRow } from './mined-row.ts';

interface Beginning {
  readonly row: MinedRow;
  readonly pieces: string[];
}

/** Puts statements together that LogMiner gives in several rows (CSF): the pieces follow each other within their thread. */
export class JoinedRows {
  readonly #begun = new Map<number, Beginning>();

  /** @returns the whole row, or null where more of it follows. @throws PenstockError PS2008 for a piece of another row */
  add(row: MinedRow): MinedRow | null {
    const begun = this.#begun.get(row.thread);
    if (begun === undefined) {
      if (!row.continues) return row;
      this.#begun.set(row.thread, { row, pieces: [row.sql ?? ''] });
      return null;
    }
    if (row.rsId !== begun.row.rsId || row.ssn !== begun.row.ssn) {
      const { scn, rsId, thread } = begun.row;
      throw new PenstockError(
        'PS2008',
        `LogMiner gave another row before the rest of the statement at RS_ID ${rsId} of thread ${thread}, SCN ${scn}`,
      );
    }
    begun.pieces.push(row.sql ?? '');
    if (row.continues) return null;
    this.#begun.delete(row.thread);
    return { ...begun.row, continues: false, sql: begun.pieces.join('') };
  }

  /** Forgets what was begun: it is read again from its first piece. */
  restart(): void {
    this.#begun.clear();
  }
}
