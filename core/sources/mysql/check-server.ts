import { tableId } from '../../changes/table-name.ts';
import { error, ok, warning } from '../finding.ts';
import type { Finding } from '../source-connector.ts';
import type { ReplicatedTable } from './describe.ts';
import { settingRemedy, startSettingRemedy, type ServerSettings } from './server/server-settings.ts';

/** What the log must be like; of the settings alone, which every user may see. */
export function checkServer(server: ServerSettings, serverId: number, tables: readonly ReplicatedTable[]): Finding[] {
  return [
    checkLogIsOn(server),
    checkServerId(server, serverId),
    checkFormat(server),
    ...checkRowImage(server, tables),
    checkMetadata(server),
    checkChecksum(server),
    ...checkPartialJson(server, tables),
    checkGtids(server),
  ];
}

function checkLogIsOn(server: ServerSettings): Finding {
  const code = 'mysql.log_bin';
  if (isLogOn(server)) {
    return ok(code, 'log_bin is on (what a session does with sql_log_bin = 0 is in no log)');
  }
  const remedy = {
    self: startSettingRemedy(server, 'log_bin', 'mysql-bin'),
    rds: 'Switch on automated backups: a backup retention period of 1 day or more.',
    aurora: 'Set binlog_format = ROW in the parameter group of the cluster, then reboot its writer.',
    cloudsql: 'Switch on point-in-time recovery of the instance.',
  }[server.operator];
  return error(code, 'log_bin is off: the server writes no binlog', remedy);
}

/** Without a log there is nothing more to look at. */
export function isLogOn({ values }: ServerSettings): boolean {
  return values.get('log_bin') === 'ON';
}

function checkServerId(server: ServerSettings, serverId: number): Finding {
  const code = 'mysql.server_id';
  const id = Number(server.values.get('server_id') ?? 0);
  if (id === 0) {
    return error(
      code,
      'server_id is 0: the server refuses all who read its log',
      settingRemedy(server, 'server_id', '1'),
    );
  }
  if (id === serverId) {
    return error(
      code,
      `source.serverId is ${serverId}, which is the server's own server_id`,
      'Choose another number in source.serverId, or leave it out.',
    );
  }
  return ok(code, `server_id is ${id}; the log is read under ${serverId}`);
}

function checkFormat(server: ServerSettings): Finding {
  const code = 'mysql.binlog_format';
  const format = server.values.get('binlog_format') ?? 'ROW';
  if (format === 'ROW') {
    return ok(
      code,
      'binlog_format is ROW (a session may choose another one; its statements stop the tables that they concern)',
    );
  }
  return error(
    code,
    `binlog_format is ${format}: the log holds statements, not rows`,
    `${settingRemedy(server, 'binlog_format', 'ROW')} Sessions that are open keep the old one: let them connect anew.`,
  );
}

/** What an UPDATE leaves alone is then not in the log; a row without a key can only be found again by all of its values. */
function checkRowImage(server: ServerSettings, tables: readonly ReplicatedTable[]): Finding[] {
  const code = 'mysql.binlog_row_image';
  const image = server.values.get('binlog_row_image') ?? 'FULL';
  if (image === 'FULL') return [ok(code, 'binlog_row_image is FULL')];
  const remedy = `${settingRemedy(server, 'binlog_row_image', 'FULL')} Sessions that are open keep the old one.`;
  const keyless = tables
    .filter(({ schema }) => schema.identity.tag === 'row')
    .map(({ schema }) => tableId(schema.table));
  return [
    warning(
      code,
      `binlog_row_image is ${image}: values that a change left alone are taken from the row at the destination, and a new row that leaves columns to their defaults stops its table`,
      remedy,
    ),
    ...keyless.map((id) =>
      error(code, `${id} has no key, and binlog_row_image is ${image}: old rows are not whole`, remedy),
    ),
  ];
}

const FIRST_METADATA = { mariaDb: 100_500, mysql: 80_001 } as const;

function checkMetadata(server: ServerSettings): Finding {
  const code = 'mysql.binlog_row_metadata';
  const metadata = server.values.get('binlog_row_metadata') ?? null;
  if (metadata === 'FULL') return ok(code, 'binlog_row_metadata is FULL');
  const effect =
    'the log does not say how its tables look: a table whose structure changes stops, and must be copied anew';
  const isThere = server.version >= (server.isMariaDb ? FIRST_METADATA.mariaDb : FIRST_METADATA.mysql);
  if (metadata === null || !isThere) {
    return warning(
      code,
      `this version has no binlog_row_metadata: ${effect}`,
      'Upgrade to MySQL 8 or MariaDB 10.5, or newer.',
    );
  }
  return warning(
    code,
    `binlog_row_metadata is ${metadata}: ${effect}`,
    settingRemedy(server, 'binlog_row_metadata', 'FULL'),
  );
}

function checkChecksum(server: ServerSettings): Finding {
  const code = 'mysql.binlog_checksum';
  const checksum = server.values.get('binlog_checksum') ?? 'NONE';
  if (checksum === 'CRC32') return ok(code, 'binlog_checksum is CRC32');
  if (checksum === 'NONE') return ok(code, 'binlog_checksum is NONE: damage on the way is found by chance only');
  return error(
    code,
    `binlog_checksum is ${checksum}, which Penstock does not know`,
    settingRemedy(server, 'binlog_checksum', 'CRC32'),
  );
}

/** With it an UPDATE of a JSON document is logged as a difference, which only the server that has the document can apply. */
function checkPartialJson(server: ServerSettings, tables: readonly ReplicatedTable[]): Finding[] {
  if (!(server.values.get('binlog_row_value_options') ?? '').includes('PARTIAL_JSON')) return [];
  const code = 'mysql.binlog_row_value_options';
  const message =
    'binlog_row_value_options is PARTIAL_JSON: the log holds differences of JSON documents, not the documents';
  const remedy = settingRemedy(server, 'binlog_row_value_options', `''`);
  const concerned = tables
    .filter(({ columns }) => columns.some(({ source, isMasked }) => source.type.tag === 'json' && !isMasked))
    .map(({ schema }) => tableId(schema.table));
  if (concerned.length === 0) return [];
  return [error(code, `${message}; concerned: ${concerned.join(', ')}`, remedy)];
}

function checkGtids({ isMariaDb, values }: ServerSettings): Finding {
  const code = 'mysql.gtid';
  if (isMariaDb) return ok(code, `the server has GTIDs; gtid_strict_mode is ${values.get('gtid_strict_mode') ?? '?'}`);
  const mode = values.get('gtid_mode') ?? 'OFF';
  return ok(
    code,
    mode === 'ON'
      ? 'gtid_mode is ON'
      : `gtid_mode is ${mode}: that the log is still the same one is told by the server's UUID and its files alone`,
  );
}
