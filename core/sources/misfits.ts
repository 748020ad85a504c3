import { PenstockError } from '../errors/penstock-error.ts';
import type { MisfitRow } from './source-connector.ts';
import type { MisfitPolicy } from './source-definition.ts';

/** Rows that do not fit are few; a chunk with more of them means that the column has the wrong type. */
export const MOST_MISFITS = 10_000;

/** The rows of one chunk that are set aside. */
export class Misfits {
  readonly rows: MisfitRow[] = [];
  readonly #table: string;
  readonly #policy: MisfitPolicy;

  constructor(table: string, policy: MisfitPolicy) {
    this.#table = table;
    this.#policy = policy;
  }

  /** @throws PenstockError PS4004 when the policy is to stop, or there are too many */
  add(misfit: MisfitRow): void {
    const [table, place] = [this.#table, `${this.#table}, column ${misfit.column}`];
    if (this.#policy === 'stop') throw new PenstockError('PS4004', `${place}: ${misfit.reason}`, { table });
    this.rows.push(misfit);
    if (this.rows.length > MOST_MISFITS) {
      throw new PenstockError('PS4004', `${place}: more than ${MOST_MISFITS} rows of one chunk do not fit`, { table });
    }
  }
}
