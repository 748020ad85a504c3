import { PenstockError } from '../../../errors/penstock-error.ts';
import type { Row } from '../../session.ts';
import type { MinedRow } from './mined-row.ts';

const VALUES = 23;

/** A row of statement `minedRows`. @throws PenstockError PS2008 where something that must be there is not */
export function readMinedRow(row: Row): MinedRow {
  if (row.length !== VALUES) throw new PenstockError('PS2008', `LogMiner gave a row of ${row.length} values`);
  return {
    scn: present(row, 0, 'SCN'),
    thread: Number(present(row, 1, 'THREAD#')),
    rsId: present(row, 2, 'RS_ID').trim(),
    ssn: Number(row[3]),
    continues: row[4] === '1',
    operation: Number(present(row, 5, 'OPERATION_CODE')),
    isUndo: row[6] === '1',
    status: Number(row[7]),
    info: text(row, 8),
    transaction: { segment: Number(row[9]), slot: Number(row[10]), sequence: Number(row[11]) },
    owner: text(row, 12),
    table: text(row, 13),
    rowId: text(row, 14),
    object: { id: text(row, 15), version: text(row, 16), dataId: text(row, 17) },
    timestamp: present(row, 18, 'TIMESTAMP'),
    user: text(row, 19),
    container: containerOf(row),
    sql: text(row, 22),
  };
}

/** Outside of container databases there is no name. */
function containerOf(row: Row): MinedRow['container'] {
  const name = text(row, 21);
  return name === null ? null : { id: Number(row[20]), name };
}

function text(row: Row, place: number): string | null {
  return row[place] ?? null;
}

function present(row: Row, place: number, column: string): string {
  const value = text(row, place);
  if (value === null) throw new PenstockError('PS2008', `LogMiner gave a row without ${column}`);
  return value;
}
