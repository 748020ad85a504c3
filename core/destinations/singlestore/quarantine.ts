import type { MisfitRow } from '../../sources/source-connector.ts';
import type { Session } from './connection.ts';
import { literal } from './sql-text.ts';

/** `position`: where in the source's log, or which chunk. */
export type QuarantinedRow = MisfitRow & { readonly position: string };

/** Rows of one statement. */
const ROWS = 200;

/** Puts rows into the quarantine table, whose full name is `into`. */
export async function setAside(
  session: Session,
  into: string,
  { pipeline, table }: { readonly pipeline: string; readonly table: string },
  misfits: readonly QuarantinedRow[],
  signal: AbortSignal,
): Promise<void> {
  for (let from = 0; from < misfits.length; from += ROWS) {
    const values = misfits
      .slice(from, from + ROWS)
      .map(
        ({ position, reason, column, row }) =>
          `(${[pipeline, table, position, reason, column, JSON.stringify(row)].map(literal).join(', ')}, UTC_TIMESTAMP(6))`,
      );
    await session.run(
      `INSERT INTO ${into} (pipeline, tbl, position, reason, col, raw, at) VALUES ${values.join(', ')}`,
      { doing: `setting rows of ${table} aside`, table, columns: [] },
      signal,
    );
  }
}
