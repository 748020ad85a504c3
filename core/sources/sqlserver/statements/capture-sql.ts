import { outputColumns } from '../row-sql.ts';
import { identifier } from '../sql.ts';
import { batch, BoundValues } from './bound-values.ts';
import { BEFORE_ALL, type CaptureStatement } from './capture.ts';
import { TIMES } from './server-sql.ts';
import type { SqlText } from './sql-text.ts';

/** A time by the server's own clock. */
function shown(time: string): string {
  return `CONVERT(varchar(27), ${time}, 126)`;
}

function hex(lsn: string): string {
  return `CONVERT(varchar(20), ${lsn}, 2)`;
}

const INSTANCES = `SELECT OBJECT_SCHEMA_NAME(c.source_object_id), OBJECT_NAME(c.source_object_id), c.capture_instance,
  CONVERT(varchar(11), c.source_object_id), CONVERT(varchar(11), c.object_id), ${hex('c.start_lsn')},
  ${hex('sys.fn_cdc_get_min_lsn(c.capture_instance)')},
  CASE WHEN COL_LENGTH(N'cdc.' + QUOTENAME(c.capture_instance + N'_CT'), N'__$command_id') IS NULL THEN '0' ELSE '1' END
FROM cdc.change_tables AS c ORDER BY c.source_object_id, c.start_lsn, c.create_date;`;

const UP_TO = `SELECT TOP (1) ${hex('m.start_lsn')}, ${shown('m.tran_end_time')} FROM cdc.lsn_time_mapping AS m
WHERE m.start_lsn = sys.fn_cdc_get_max_lsn();`;

const FROM = `SELECT ${hex('MIN(m.start_lsn)')} FROM cdc.lsn_time_mapping AS m;`;

const LOG_END = `SELECT l.log_end_lsn, ${TIMES} FROM sys.dm_db_log_stats(DB_ID()) AS l;`;

export function captureSql(statement: CaptureStatement): SqlText {
  const bound = new BoundValues();
  switch (statement.tag) {
    case 'captureInstances':
      return batch(INSTANCES);
    case 'capturedUpTo':
      return batch(UP_TO);
    case 'capturedFrom':
      return batch(FROM);
    case 'logEnd':
      return batch(LOG_END);
    case 'captureRetention':
      return batch(
        `SELECT CONVERT(varchar(20), j.retention) FROM msdb.dbo.cdc_jobs AS j WHERE j.database_id = DB_ID() AND j.job_type = N'cleanup';`,
      );
    case 'capturedColumns':
      return bound.sql(`SELECT c.capture_instance, k.column_name, CONVERT(varchar(11), k.column_ordinal), CONVERT(varchar(11), k.column_id),
  COALESCE(b.name, y.name), CONVERT(varchar(11), n.max_length), CONVERT(varchar(11), n.precision), CONVERT(varchar(11), n.scale)
FROM cdc.captured_columns AS k JOIN cdc.change_tables AS c ON c.object_id = k.object_id
  JOIN sys.columns AS n ON n.object_id = k.object_id AND n.name = k.column_name
  JOIN sys.types AS y ON y.user_type_id = n.user_type_id
  LEFT JOIN sys.types AS b ON b.user_type_id = y.system_type_id AND y.is_assembly_type = 0
WHERE c.capture_instance IN (${texts(statement.instances, bound)}) ORDER BY c.capture_instance, k.column_ordinal;`);
    case 'capturedTransactions':
      return bound.sql(`SELECT TOP (${bound.number(statement.most)}) ${hex('m.start_lsn')}, ${shown('m.tran_end_time')}
FROM cdc.lsn_time_mapping AS m WHERE m.start_lsn > ${bound.lsn(statement.after)} AND m.tran_id <> 0x00 ORDER BY m.start_lsn;`);
    case 'structureHistory':
      return bound.sql(`SELECT OBJECT_SCHEMA_NAME(h.source_object_id), OBJECT_NAME(h.source_object_id), c.capture_instance, ${hex('h.ddl_lsn')},
  CONVERT(varchar(1), h.required_column_update), h.ddl_command
FROM cdc.ddl_history AS h JOIN cdc.change_tables AS c ON c.object_id = h.object_id
WHERE c.capture_instance IN (${texts(statement.instances, bound)}) ORDER BY h.ddl_lsn;`);
    case 'changedInstances':
      return bound.sql(
        statement.instances
          .map(
            ({ instance, after, upTo }, index) =>
              `SELECT '${index}' WHERE EXISTS (SELECT 1 FROM ${changeTable(instance)} WHERE [__$start_lsn] > ${bound.lsn(after)} AND [__$start_lsn] <= ${bound.lsn(upTo)})`,
          )
          .join('\nUNION ALL ') + ';',
      );
    case 'captureRights':
      return bound.sql(
        statement.instances
          .map(
            (instance, index) =>
              `SELECT '${index}', CONVERT(varchar(1), HAS_PERMS_BY_NAME(${bound.text(changeTable(instance))}, 'OBJECT', 'SELECT'))`,
          )
          .join('\nUNION ALL ') + ';',
      );
    case 'capturedChanges':
      return capturedChanges(statement);
  }
}

const IN_ORDER = 'ORDER BY [__$start_lsn], [__$command_id], [__$seqval], [__$operation]';

/**
 * The next rows in the order of the change table's clustered index. What is behind a place inside a commit is asked for in four parts,
 * each of which the index finds: one condition of them all would read a large commit from its beginning for each page.
 */
function capturedChanges(statement: Extract<CaptureStatement, { tag: 'capturedChanges' }>): SqlText {
  const { instance, columns, after } = statement;
  const bound = new BoundValues();
  const most = bound.number(statement.most);
  const lsn = bound.lsn(after.lsn);
  const upTo = bound.lsn(statement.upTo);
  const values = `${hex('[__$start_lsn]')}, CONVERT(varchar(11), [__$command_id]), ${hex('[__$seqval]')}, CONVERT(varchar(1), [__$operation]),
  CONVERT(varchar(256), [__$update_mask], 2), ${outputColumns(columns, '')}`;
  const table = changeTable(instance);
  if (after.operation === BEFORE_ALL) {
    return bound.sql(`SELECT TOP (${most}) ${values}
FROM ${table} WHERE [__$start_lsn] >= ${lsn} AND [__$start_lsn] <= ${upTo}
${IN_ORDER};`);
  }
  const command = bound.number(after.command);
  const sequence = bound.lsn(after.sequence);
  const parts = [
    `[__$start_lsn] = ${lsn} AND [__$command_id] = ${command} AND [__$seqval] = ${sequence} AND [__$operation] > ${bound.number(after.operation)}`,
    `[__$start_lsn] = ${lsn} AND [__$command_id] = ${command} AND [__$seqval] > ${sequence}`,
    `[__$start_lsn] = ${lsn} AND [__$command_id] > ${command}`,
    `[__$start_lsn] > ${lsn} AND [__$start_lsn] <= ${upTo}`,
  ].map(
    (condition, index) =>
      `SELECT * FROM (SELECT TOP (${most}) * FROM ${table} WHERE ${condition} ${IN_ORDER}) AS part${index + 1}`,
  );
  return bound.sql(`SELECT TOP (${most}) ${values}
FROM (${parts.join('\n  UNION ALL ')}) AS changes
${IN_ORDER};`);
}

function changeTable(instance: string): string {
  return `[cdc].${identifier(`${instance}_CT`)}`;
}

function texts(values: readonly string[], bound: BoundValues): string {
  return values.length === 0 ? `N''` : values.map((value) => bound.text(value)).join(', ');
}
