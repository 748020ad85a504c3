import { outputColumns } from '../row-sql.ts';
import { identifier, qualified } from '../sql.ts';
import { batch, BoundValues } from './bound-values.ts';
import type { SqlText } from './sql-text.ts';
import type { TrackingStatement } from './tracking.ts';

const TRACKED = `SELECT s.name, t.name, CONVERT(varchar(11), t.object_id), CONVERT(varchar(20), c.min_valid_version), CONVERT(varchar(20), c.begin_version)
FROM sys.change_tracking_tables AS c JOIN sys.tables AS t ON t.object_id = c.object_id JOIN sys.schemas AS s ON s.schema_id = t.schema_id;`;

export function trackingSql(statement: TrackingStatement): SqlText {
  switch (statement.tag) {
    case 'trackingVersion':
      return batch('SELECT CONVERT(varchar(20), CHANGE_TRACKING_CURRENT_VERSION());');
    case 'trackedTables':
      return batch(TRACKED);
    case 'changedTables': {
      const bound = new BoundValues();
      const looks = statement.tables.map(
        ({ table, after }, index) =>
          `SELECT '${index}' WHERE EXISTS (SELECT 1 FROM CHANGETABLE(CHANGES ${qualified(table)}, ${wholeNumber(after)}) AS CT)`,
      );
      return bound.sql(looks.join('\nUNION ALL ') + ';');
    }
    case 'trackedChanges':
      return trackedChanges(statement);
  }
}

function trackedChanges({
  table,
  key,
  columns,
  after,
  upTo,
}: Extract<TrackingStatement, { tag: 'trackedChanges' }>): SqlText {
  const bound = new BoundValues();
  const joined = key.map(({ name }) => `T.${identifier(name)} = CT.${identifier(name)}`).join(' AND ');
  const [first] = key;
  const there = first === undefined ? `'0'` : `CASE WHEN T.${identifier(first.name)} IS NULL THEN '0' ELSE '1' END`;
  return bound.sql(`SELECT CONVERT(varchar(20), CT.SYS_CHANGE_VERSION), CT.SYS_CHANGE_OPERATION, ${there},
  ${outputColumns(key, 'CT.')}, ${outputColumns(columns, 'T.')}
FROM CHANGETABLE(CHANGES ${qualified(table)}, ${wholeNumber(after)}) AS CT LEFT JOIN ${qualified(table)} AS T ON ${joined}
WHERE CT.SYS_CHANGE_VERSION <= ${bound.number(upTo)};`);
}

/** CHANGETABLE takes a constant or a variable, no expression. @throws RangeError where the text is no whole number */
function wholeNumber(text: string): string {
  if (!/^\d{1,19}$/.test(text)) throw new RangeError('a version is a whole number');
  return text;
}
