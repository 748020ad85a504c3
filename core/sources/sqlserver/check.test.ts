import { describe, expect, it } from 'vitest';
import { catalogOf, selectionOf, type ScriptedColumn } from '../../../test/fixtures/sqlserver-scripted/catalog.ts';
import { ScriptedSession, type Script } from '../../../test/fixtures/sqlserver-scripted/session.ts';
import type { Finding, TableSelection } from '../source-connector.ts';
import { checkCapture, checkCopies, checkTracking } from './check.ts';
import type { Row } from './server/session.ts';
import { sqlserverSettings } from './settings.ts';

const NEVER = new AbortController().signal;
const KEYED: readonly ScriptedColumn[] = [{ name: 'id', key: 1 }, { name: 'n' }];
const LSN = '0000002B000001280001';

/** Places in the row of `database`. */
const FIELD = {
  guid: 1,
  version: 3,
  isolation: 5,
  tracked: 6,
  minutes: 7,
  cleansUp: 8,
  captured: 9,
  rds: 10,
  writable: 11,
} as const;

function database(changes: Readonly<Partial<Record<keyof typeof FIELD, string | null>>> = {}): readonly Row[] {
  const row: (string | null)[] = [
    'shop',
    'G',
    'F',
    '16.0.1',
    'Developer',
    'ON',
    '1',
    '10080',
    '1',
    '1',
    '0',
    '1',
    'reader',
    '160',
  ];
  for (const [name, value] of Object.entries(changes)) row[FIELD[name as keyof typeof FIELD]] = value ?? null;
  return [row];
}

const SOUND: Script = {
  ...catalogOf('t', KEYED),
  database: () => database(),
  tableRights: () => [['0', '1', '1']],
  trackedTables: () => [['dbo', 't', '77', '0']],
  databaseRights: () => [['1', '1']],
  agent: () => [['1']],
  now: () => [['2026-11-21T09:00:00.1234567', '0']],
  capturedUpTo: () => [[LSN, '2026-11-21T09:00:00.000']],
  captureInstances: () => [['dbo', 't', 'dbo_t', '77', '88', LSN, LSN, '1']],
  capturedColumns: () =>
    ['id', 'n'].map((name, index) => ['dbo_t', name, `${index + 1}`, `${index + 1}`, 'int', '4', '10', '0']),
  captureRights: () => [['0', '1']],
  captureRetention: () => [['4320']],
  leadingColumns: () => [['id']],
};

async function findings(
  check: typeof checkTracking,
  changes: Script = {},
  settings: Readonly<Record<string, unknown>> = {},
  choices: Partial<TableSelection> = {},
): Promise<Finding[]> {
  const access = {
    settings: sqlserverSettings.parse({ host: 'localhost', database: 'shop', user: 'reader', ...settings }),
    open: () => Promise.resolve(new ScriptedSession({ ...SOUND, ...changes })),
  };
  return check(access, [{ ...selectionOf('t'), ...choices }], NEVER);
}

/** What is not as it should be: code, severity, remedy. */
function faults(found: readonly Finding[]): string[] {
  return found
    .filter(({ severity }) => severity !== 'ok')
    .map(({ code, severity, remedy }) => `${severity} ${code}: ${remedy ?? ''}`);
}

const NET =
  'warning sqlserver.net_changes: Nothing to do for a mirror. For a history of every version use extract type cdc.';
const refused = (number: number) => () => {
  throw Object.assign(new Error('The permission was denied.'), { number });
};

describe('change tracking', () => {
  it('a sound source has no fault but what change tracking cannot tell', async () => {
    expect(faults(await findings(checkTracking))).toEqual([NET]);
  });

  it.each<[string, Script, string]>([
    [
      'tracking is off',
      { database: () => database({ tracked: '0', minutes: null, cleansUp: null }) },
      'error sqlserver.change_tracking: ALTER DATABASE [shop] SET CHANGE_TRACKING = ON (CHANGE_RETENTION = 7 DAYS, AUTO_CLEANUP = ON);',
    ],
    [
      'the table is not tracked',
      { trackedTables: () => [] },
      'error sqlserver.tracked_table: ALTER TABLE [dbo].[t] ENABLE CHANGE_TRACKING;',
    ],
    [
      'no right to see changes',
      { tableRights: () => [['0', '1', '0']] },
      'error sqlserver.view_change_tracking: GRANT VIEW CHANGE TRACKING ON [dbo].[t] TO [reader];',
    ],
    [
      'no right to read',
      { tableRights: () => [['0', '0', '1']] },
      'error sqlserver.select: GRANT SELECT ON [dbo].[t] TO [reader];',
    ],
    [
      'no snapshot isolation',
      { database: () => database({ isolation: 'OFF' }) },
      'error sqlserver.snapshot_isolation: ALTER DATABASE [shop] SET ALLOW_SNAPSHOT_ISOLATION ON;',
    ],
    [
      'changes are kept for a day',
      { database: () => database({ minutes: '1440' }) },
      'warning sqlserver.retention: ALTER DATABASE [shop] SET CHANGE_TRACKING (CHANGE_RETENTION = 7 DAYS);',
    ],
    [
      'an old server',
      { database: () => database({ version: '12.0.5' }) },
      'error sqlserver.version: Upgrade to SQL Server 2016 (13.0) or newer.',
    ],
    [
      'GUIDs are hidden',
      { database: () => database({ guid: null }) },
      'error sqlserver.database_guid: In master: GRANT VIEW ANY DATABASE TO the login of [reader];',
    ],
    ['no table', { tables: () => [] }, 'error sqlserver.table: Correct the name, or grant SELECT on it.'],
  ])('%s', async (_, changes, fault) => {
    expect(faults(await findings(checkTracking, changes))).toContain(fault);
  });

  it('a table without a primary key cannot be tracked', async () => {
    const found = await findings(checkTracking, catalogOf('t', [{ name: 'id' }]));
    expect(faults(found)).toContainEqual(expect.stringContaining('error sqlserver.primary_key'));
  });

  it('keys whose collation does not tell all texts apart', async () => {
    const keyed = (collation: string) =>
      catalogOf('t', [{ name: 'code', type: 'nvarchar', length: 20, key: 1, collation }, { name: 'n' }]);
    const loose = keyed('SQL_Latin1_General_CP1_CI_AS');
    expect(faults(await findings(checkTracking, loose)).filter((text) => text.includes('collation'))).toEqual([
      expect.stringContaining('warning sqlserver.key_collation'),
    ]);
    const exact = keyed('Latin1_General_100_BIN2');
    expect(faults(await findings(checkTracking, exact)).join()).not.toContain('key_collation');
    expect(faults(await findings(checkCapture, loose, { extractType: 'cdc' })).join()).not.toContain('key_collation');
  });

  it('a memory-optimized table cannot be tracked', async () => {
    const tables = () => [['dbo', 't', '77', '1', '0']];
    const found = await findings(checkTracking, { tables });
    expect(faults(found)).toContainEqual(expect.stringContaining('error sqlserver.memory: Leave the table out'));
  });

  it('another key than the primary key cannot be chosen', async () => {
    const found = await findings(checkTracking, {}, {}, { key: ['n'] });
    expect(faults(found)).toContainEqual(expect.stringContaining('error sqlserver.key'));
  });

  it('a condition that the server refuses', async () => {
    const tryCondition = () => {
      throw Object.assign(new Error('Invalid column name.'), { number: 207 });
    };
    const found = await findings(checkTracking, { tryCondition }, {}, { where: 'nothing = 1' });
    expect(faults(found)).toContainEqual(expect.stringContaining('error sqlserver.where'));
  });
});

describe('change data capture', () => {
  const cdc = { extractType: 'cdc' };

  it('a sound source has no fault', async () => {
    expect(faults(await findings(checkCapture, {}, cdc))).toEqual([]);
  });

  it.each<[string, Script, string]>([
    ['it is off', { database: () => database({ captured: '0' }) }, 'error sqlserver.cdc: EXEC sys.sp_cdc_enable_db;'],
    [
      'it is off on RDS',
      { database: () => database({ captured: '0', rds: '1' }) },
      `error sqlserver.cdc: EXEC msdb.dbo.rds_cdc_enable_db N'shop';`,
    ],
    [
      'the table is not captured',
      { captureInstances: () => [] },
      `error sqlserver.captured_table: EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N't', @role_name = NULL, @supports_net_changes = 0;`,
    ],
    [
      'the end of the log is hidden',
      { databaseRights: () => [['0', '1']] },
      'error sqlserver.view_database_state: GRANT VIEW DATABASE STATE TO [reader];',
    ],
    [
      'no right on the change tables',
      { databaseRights: () => [['1', '0']] },
      'error sqlserver.select_cdc: GRANT SELECT ON SCHEMA::cdc TO [reader];',
    ],
    [
      'changes are kept for two hours',
      { captureRetention: () => [['120']] },
      `warning sqlserver.retention: EXEC sys.sp_cdc_change_job @job_type = N'cleanup', @retention = 10080;`,
    ],
  ])('%s', async (_, changes, fault) => {
    expect(faults(await findings(checkCapture, changes, cdc))).toContain(fault);
  });

  it.each<[string, Script, string | null]>([
    ['is stopped', { agent: () => [['0']] }, 'error'],
    ['is hidden, and nothing was captured', { agent: refused(300), capturedUpTo: () => [] }, 'warning'],
    ['is hidden, and something was captured', { agent: refused(300) }, null],
  ])('the Agent %s', async (_, changes, severity) => {
    const found = (await findings(checkCapture, changes, cdc)).filter(({ code }) => code === 'sqlserver.agent');
    expect(found.map((one) => one.severity)).toEqual(severity === null ? [] : [severity]);
  });

  it.each<[string, Script, string]>([
    [
      'of an older server keeps no order of commands',
      { captureInstances: () => [['dbo', 't', 'dbo_t', '77', '88', LSN, LSN, '0']] },
      'error sqlserver.captured_table: EXEC sys.sp_cdc_enable_table',
    ],
    [
      'of a role that the user is not in',
      { captureRights: () => [['0', '0']] },
      'error sqlserver.captured_table: Add the user to the role',
    ],
  ])('a capture instance %s', async (_, changes, fault) => {
    expect(faults(await findings(checkCapture, changes, cdc))).toEqual([expect.stringContaining(fault)]);
  });

  it('a table that is not there is told once', async () => {
    const found = await findings(checkCapture, { tables: () => [], captureInstances: () => [] }, cdc);
    expect(faults(found).map((fault) => fault.split(':')[0])).toEqual(['error sqlserver.table']);
  });

  it('columns that no capture instance holds are told, with what makes a second instance', async () => {
    const found = await findings(checkCapture, catalogOf('t', [...KEYED, { name: 'added' }]), cdc);
    expect(faults(found)).toContain(
      `warning sqlserver.captured_columns: EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N't', @role_name = NULL, @capture_instance = N'dbo_t_2', @supports_net_changes = 0;`,
    );
  });

  it('computed columns are left out, and said so', async () => {
    const columns = [...KEYED, { name: 'sum', computed: true }];
    const found = await findings(checkCapture, catalogOf('t', columns), cdc);
    expect(faults(found)).toContainEqual(expect.stringContaining('warning sqlserver.computed_columns'));
  });
});

it('copies need no log, and say what they cannot have without snapshots', async () => {
  const found = await findings(
    checkCopies,
    { database: () => database({ isolation: 'OFF', tracked: '0', captured: '0' }) },
    { extractType: 'fullExtracts' },
  );
  expect(faults(found)).toEqual([
    'warning sqlserver.snapshot_isolation: ALTER DATABASE [shop] SET ALLOW_SNAPSHOT_ISOLATION ON;',
  ]);
});

it('polled columns are judged, and want an index', async () => {
  const found = await findings(checkCopies, {}, { extractType: 'timestamps' }, { timestampColumn: 'n' });
  expect(faults(found)).toContain('warning sqlserver.timestamp_index: CREATE INDEX [t_n] ON [dbo].[t] ([n]);');
});

it.each(['0', '1'])('a rowversion is polled on the primary only (writable: %s)', async (writable) => {
  const columns = [...KEYED, { name: 'rv', type: 'timestamp', length: 8 }];
  const found = await findings(
    checkCopies,
    { ...catalogOf('t', columns), database: () => database({ writable }), leadingColumns: () => [['rv']] },
    { extractType: 'timestamps' },
    { timestampColumn: 'rv' },
  );
  const fault = 'error sqlserver.timestamp_column: Read from the primary (drop options.applicationIntent)';
  expect(faults(found).some((one) => one.startsWith(fault))).toBe(writable === '0');
});

it('a certificate that nobody looks at is said', async () => {
  const settings = { tls: { mode: 'verify' }, options: { trustServerCertificate: true } };
  expect(faults(await findings(checkTracking, {}, settings))).toContainEqual(
    expect.stringContaining('warning sqlserver.certificate'),
  );
});
