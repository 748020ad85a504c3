import { PenstockError } from '../../../errors/penstock-error.ts';
import type { MinedRow } from './mined-row.ts';
import { OPERATION } from './row-record.ts';

/** What the driver gives for bytes that are no character. */
const NO_CHARACTER = '\ufffd';
const CUT = 'a character was cut where its statement goes on in another row';

/** Whether a piece begins or ends within a character: what the whole one was is lost. */
function isCut(piece: string, index: number, pieces: readonly string[]): boolean {
  return (index > 0 && piece.startsWith(NO_CHARACTER)) || (index < pieces.length - 1 && piece.endsWith(NO_CHARACTER));
}

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
    const whole = { ...begun.row, continues: false, sql: begun.pieces.join('') };
    return row.operation !== OPERATION.ddl && begun.pieces.some(isCut) ? { ...whole, sql: null, info: CUT } : whole;
  }

  /** Forgets what was begun: it is read again from its first piece. */
  restart(): void {
    this.#begun.clear();
  }
}
