import { describe, expect, it } from 'vitest';
import { mysqlSelection } from '../../../test/fixtures/mysql-access.ts';
import { checkServer } from './check-server.ts';
import { replicatedTable, type ReplicatedTable } from './describe.ts';
import { duration, reachFinding, checkRetention } from './server/log-reach.ts';
import { operatorOf, type ServerSettings } from './server/server-settings.ts';
import type { SourceType } from './values/source-type.ts';

const SOUND = {
  log_bin: 'ON',
  server_id: '1',
  binlog_format: 'ROW',
  binlog_row_image: 'FULL',
  binlog_row_metadata: 'FULL',
  binlog_checksum: 'CRC32',
  binlog_expire_logs_seconds: '604800',
};
const PLACES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  self: { basedir: '/usr/', version_comment: 'MySQL Community Server - GPL' },
  rds: { basedir: '/rdsdbbin/mysql-8.0.41.R2/' },
  aurora: { basedir: '/rdsdbbin/oscar-8.0/', aurora_version: '3.04.0' },
  cloudsql: { version_comment: '(Google)' },
};

function server(changes: Readonly<Record<string, string | null>>, version = 80_036, place = 'self'): ServerSettings {
  const all = Object.entries<string | null>({ ...SOUND, ...PLACES[place], ...changes });
  const values = new Map(all.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])));
  return { operator: operatorOf(values), isMariaDb: version >= 100_000, version, values };
}

function table(type: SourceType): ReplicatedTable {
  const column = (name: string, of: SourceType, placeInPrimaryKey: number | null) => ({
    name,
    type: of,
    declared: of.tag,
    nullable: false,
    generated: 'no' as const,
    default: { tag: 'null' as const },
    placeInPrimaryKey,
  });
  const columns = [column('id', { tag: 'integer', bits: 32, unsigned: false }, 1), column('v', type, null)];
  const source = {
    table: { schema: 'shop', name: 't' },
    engine: 'InnoDB',
    alteredAt: 0,
    isVersioned: false,
    cascades: [],
    columns,
  };
  const policies = { zeroDates: 'stop', zeroLengthStrings: 'keep', cascades: 'refuse' } as const;
  return replicatedTable(source, mysqlSelection('shop', 't'), { fromLog: true, virtualColumns: false, policies });
}

/** What a fault looks like in `toMatchObject`, whatever its remedy. */
const fault = (text: string): unknown[] => [...text.split(' '), expect.any(String)];

const faultsOf = (settings: ServerSettings, tables: readonly ReplicatedTable[] = []) =>
  checkServer(settings, 9, tables)
    .filter(({ severity }) => severity !== 'ok')
    .map(({ code, severity, remedy }) => [severity, code, remedy] as const);

describe('check of the settings', () => {
  it('finds nothing wrong with sound ones', () => {
    for (const place of Object.keys(PLACES)) expect(faultsOf(server({}, 80_036, place))).toEqual([]);
    expect(faultsOf(server({}, 101_119))).toEqual([]);
  });

  it.each([
    ['self', 80_036, 'SET PERSIST binlog_row_image = FULL;'],
    ['self', 50_744, 'SET GLOBAL binlog_row_image = FULL; and, so that it stays, in my.cnf'],
    ['self', 101_119, 'SET GLOBAL binlog_row_image = FULL; and, so that it stays, in my.cnf'],
    ['rds', 80_036, 'Set binlog_row_image = FULL in the parameter group of the instance.'],
    ['aurora', 80_036, 'Set binlog_row_image = FULL in the parameter group of the cluster.'],
    ['cloudsql', 80_036, 'Set the flag binlog_row_image = FULL'],
  ])('mends a setting of a server at %s, version %d', (place, version, expected) => {
    const [found] = faultsOf(server({ binlog_row_image: 'NOBLOB' }, version, place));
    expect(found?.[0]).toBe('warning');
    expect(found?.[2]).toContain(expected);
  });

  it('knows how each operator switches the log on', () => {
    const remedyAt = (place: string) => String(faultsOf(server({ log_bin: 'OFF' }, 80_036, place))[0]?.[2]);
    expect(remedyAt('self')).toContain('my.cnf');
    expect(remedyAt('rds')).toContain('automated backups');
    expect(remedyAt('aurora')).toContain('binlog_format = ROW');
    expect(remedyAt('cloudsql')).toContain('point-in-time');
  });

  it('finds what breaks the log', () => {
    expect(faultsOf(server({ server_id: '0' }))).toMatchObject([fault('error mysql.server_id')]);
    expect(faultsOf(server({ server_id: '9' }))).toMatchObject([fault('error mysql.server_id')]);
    expect(faultsOf(server({ binlog_format: 'MIXED' }))).toMatchObject([fault('error mysql.binlog_format')]);
    expect(faultsOf(server({ binlog_checksum: 'CRC64' }))).toMatchObject([fault('error mysql.binlog_checksum')]);
    expect(faultsOf(server({ binlog_row_metadata: 'MINIMAL' }))).toMatchObject([
      ['warning', 'mysql.binlog_row_metadata', 'SET PERSIST binlog_row_metadata = FULL;'],
    ]);
    const old = faultsOf(server({ binlog_row_metadata: null }, 50_744));
    expect(old).toMatchObject([['warning', 'mysql.binlog_row_metadata', expect.stringContaining('Upgrade')]]);
  });

  it('minds differences of JSON documents only where there are any', () => {
    const partial = server({ binlog_row_value_options: 'PARTIAL_JSON' });
    expect(faultsOf(partial, [table({ tag: 'blob' })])).toEqual([]);
    expect(faultsOf(partial, [table({ tag: 'json' })])).toMatchObject([fault('error mysql.binlog_row_value_options')]);
  });
});

describe('how long the log stays', () => {
  it.each([
    [{ tag: 'seconds', seconds: 7 * 86_400 }, 'ok', 'kept for 7 days'],
    [{ tag: 'seconds', seconds: 3600 }, 'warning', 'kept for 60 minutes only'],
    [{ tag: 'forever' }, 'warning', 'fills the disk'],
  ] as const)('%j is %s', (retention, severity, message) => {
    const finding = checkRetention(server({}), retention);
    expect(finding.severity).toBe(severity);
    expect(finding.message).toContain(message);
  });

  it('is asked of Amazon by its procedure', () => {
    const finding = checkRetention(server({}, 80_036, 'rds'), { tag: 'minutes' });
    expect(finding).toMatchObject({
      severity: 'warning',
      remedy: `CALL mysql.rds_set_configuration('binlog retention hours', 72);`,
    });
    expect(checkRetention(server({}, 80_036, 'rds'), { tag: 'unknown' }).remedy).toContain('rds_show_configuration');
  });

  it('says how far it reaches, and how long a place is kept', () => {
    const reach = { seconds: 5 * 86_400, bytes: 12_345_678, files: 3 };
    const week = { tag: 'seconds', seconds: 7 * 86_400 } as const;
    expect(reachFinding(server({}), reach, week).message).toBe(
      'the log reaches back 5 days (3 files, 12.3 MB); a pipeline that stands still from now on keeps its place for about 7 days',
    );
    expect(reachFinding(server({}), reach, { tag: 'forever' }).message).toContain('as long as the disk has room');
    expect(reachFinding(server({}), reach, { tag: 'minutes' }).message).toContain('soon');
  });

  it('goes by the size where that is reached first', () => {
    const limited = server({ max_binlog_total_size: '2000000' }, 110_400);
    const finding = reachFinding(limited, { seconds: 86_400, bytes: 1_000_000, files: 1 }, { tag: 'forever' });
    expect(finding.severity).toBe('warning');
    expect(finding.message).toContain('about 2 days');
    expect(finding.remedy).toContain('SET GLOBAL max_binlog_total_size = 3000000');
    const roomy = reachFinding(limited, { seconds: 8 * 86_400, bytes: 1_000_000, files: 1 }, { tag: 'forever' });
    expect([roomy.severity, roomy.message]).toEqual(['ok', expect.stringContaining('about 16 days')]);
  });

  it.each([
    [0, '0 seconds'],
    [1, '1 second'],
    [119, '119 seconds'],
    [120, '2 minutes'],
    [7199, '119 minutes'],
    [7200, '2 hours'],
    [172_799, '47 hours'],
    [172_800, '2 days'],
  ])('%d seconds are %s', (seconds, expected) => {
    expect(duration(seconds)).toBe(expected);
  });
});
