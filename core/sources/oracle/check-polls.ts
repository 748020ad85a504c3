import { tableId } from '../../changes/table-name.ts';
import { checkPolls as checkPolledTables } from '../check-polls.ts';
import { allRows } from '../session.ts';
import { warning } from '../finding.ts';
import type { Finding, TableSelection } from '../source-connector.ts';
import { offsetMicroseconds } from '../time-zone.ts';
import { replicatedTable } from './describe.ts';
import { pollColumnOf } from './poll-column.ts';
import { copyReading } from './poll-view.ts';
import type { Access } from './server/guarded.ts';
import type { Session } from './server/session.ts';
import { readClock, type SourceClock } from './source-time.ts';
import { findSourceTables, type SourceTable } from './source-table.ts';
import { identifier, qualified } from './sql.ts';

/** Before 12.2. */
const LONGEST_NAME = 30;

/** What extract type Timestamps needs of each table, and what it cannot see. */
export async function checkPolls(
  session: Session,
  selections: readonly TableSelection[],
  access: Access,
): Promise<Finding[]> {
  const clock = await readClock(session);
  return checkPolledTables<SourceTable>(
    {
      type: 'oracle',
      find: (tables) => findSourceTables(session, tables),
      judge: (table, selection) => {
        const { kind } = pollColumnOf(replicatedTable(table, selection, copyReading(access)));
        return { isBounded: kind === 'time' };
      },
      remarks: (table, selection) => checkZone(table, selection, access, clock),
      missingIndex: async ({ table }, column) => {
        const leading = await allRows(session, { tag: 'leadingColumns', table });
        const name = identifier(`${table.name}_${column}`.slice(0, LONGEST_NAME));
        return leading.some(([first]) => first === column)
          ? null
          : `CREATE INDEX ${identifier(table.schema)}.${name} ON ${qualified(table)} (${identifier(column)});`;
      },
    },
    selections,
  );
}

const MINUTE = 60_000_000n;

/** A lag is counted from the time that the column's writers have; mostly the server's (SYSDATE), whose summer time a fixed offset does not know. */
function checkZone(
  { table, columns }: SourceTable,
  { timestampColumn }: TableSelection,
  { settings: { timestampZone } }: Access,
  { offset }: SourceClock,
): Finding[] {
  const column = columns.find(({ name }) => name === timestampColumn);
  if (column?.type.tag !== 'date' && column?.type.tag !== 'timestamp') return [];
  const ahead = (offsetMicroseconds(timestampZone) - offset) / MINUTE;
  if (ahead === 0n) return [];
  const effect =
    ahead > 0n
      ? `rows that are dated by it and committed late are never seen, because lagSeconds is over ${ahead} minutes too early`
      : `rows that are dated by it are seen ${-ahead} minutes late`;
  const message = `${tableId(table)}: ${column.name} has no zone, and timestampZone is ${timestampZone}, but the server's clock is not: ${effect}`;
  const remedy =
    "Set timestampZone to the offset of those who write the column; where that changes in summer, to the winter's, with overlapSeconds of 3600 more.";
  return [warning('oracle.timestamp_zone', message, remedy)];
}
