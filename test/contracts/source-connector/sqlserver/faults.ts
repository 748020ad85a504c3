import type { CheckFault, DatabaseUnderTest } from '../source-under-test.ts';

interface FaultOptions {
  /** The user of the connectors in the database of the check. */
  readonly reader: string;
  /** Another database, for what would be felt by everything else in the one of the check. Opened anew each time. */
  readonly elsewhere: { readonly name: string; readonly open: () => Promise<DatabaseUnderTest> };
}

/** Those that can be made on a real server: of another version, or with its Agent stopped, the tests' database alone can be. */
export function realFaults(faults: readonly CheckFault[]): CheckFault[] {
  return faults.filter(
    ({ make, settings }) => settings === undefined && make.every((statement) => !statement.includes('fake.')),
  );
}

/** Faults of every extract type. Server settings are those of the tests' database. */
function serverFaults({ reader, elsewhere }: FaultOptions): CheckFault[] {
  const settings = (assignment: string) => `UPDATE fake.settings SET ${assignment}`;
  return [
    {
      name: 'a version before SQL Server 2016',
      make: [settings(`version = '12.0.6329.1'`)],
      code: 'sqlserver.version',
      severity: 'error',
      remedy: /2016/,
      undo: [settings(`version = '16.0.4135.4'`)],
    },
    {
      name: 'GUIDs of the database that the user may not see',
      make: ['ALTER TABLE fake.settings ALTER guid DROP NOT NULL', settings('guid = NULL')],
      code: 'sqlserver.database_guid',
      severity: 'error',
      remedy: /GRANT VIEW ANY DATABASE/,
      undo: [settings('guid = gen_random_uuid()')],
    },
    {
      name: 'a database that is kept as SQL Server 2008 made it',
      at: elsewhere.open,
      make: [`ALTER DATABASE [${elsewhere.name}] SET COMPATIBILITY_LEVEL = 100;`],
      code: 'sqlserver.compatibility_level',
      severity: 'warning',
      remedy: 'sql',
    },
    {
      name: 'no encryption on a network',
      make: [],
      settings: { host: 'database.example.test' },
      code: 'sqlserver.tls',
      severity: 'warning',
      remedy: /tls\.mode/,
    },
    {
      name: 'snapshot isolation is off',
      at: elsewhere.open,
      make: [`ALTER DATABASE [${elsewhere.name}] SET ALLOW_SNAPSHOT_ISOLATION OFF;`],
      code: 'sqlserver.snapshot_isolation',
      severity: 'error',
      remedy: 'sql',
    },
    {
      name: 'a table that the user may not read',
      make: [
        'CREATE TABLE fault_secret (id INTEGER NOT NULL, PRIMARY KEY (id))',
        `DENY SELECT ON [dbo].[fault_secret] TO [${reader}];`,
      ],
      table: 'fault_secret',
      code: 'sqlserver.select',
      severity: 'error',
      remedy: 'sql',
    },
  ];
}

/** Faults of extract type changeTracking. */
export function trackingFaults(options: FaultOptions): CheckFault[] {
  const { reader, elsewhere } = options;
  return [
    ...serverFaults(options),
    {
      name: 'change tracking of the database is off',
      at: elsewhere.open,
      make: [
        'ALTER TABLE [dbo].[sound] DISABLE CHANGE_TRACKING;',
        `ALTER DATABASE [${elsewhere.name}] SET CHANGE_TRACKING = OFF;`,
      ],
      code: 'sqlserver.change_tracking',
      severity: 'error',
      remedy: 'sql',
    },
    {
      name: 'a history that change tracking cannot tell',
      make: [],
      code: 'sqlserver.net_changes',
      severity: 'warning',
      remedy: /cdc/,
    },
    {
      name: 'changes are kept for an hour',
      at: elsewhere.open,
      make: [
        `ALTER DATABASE [${elsewhere.name}] SET CHANGE_TRACKING = ON (CHANGE_RETENTION = 1 HOURS, AUTO_CLEANUP = ON);`,
      ],
      code: 'sqlserver.retention',
      severity: 'warning',
      remedy: 'sql',
    },
    {
      name: 'a table that is not tracked',
      make: [
        'CREATE TABLE fault_untracked (id INTEGER NOT NULL, PRIMARY KEY (id))',
        'ALTER TABLE [dbo].[fault_untracked] DISABLE CHANGE_TRACKING;',
      ],
      table: 'fault_untracked',
      code: 'sqlserver.tracked_table',
      severity: 'error',
      remedy: 'sql',
    },
    {
      name: 'changes that the user may not see',
      make: [
        'CREATE TABLE fault_unseen (id INTEGER NOT NULL, PRIMARY KEY (id))',
        `DENY VIEW CHANGE TRACKING ON [dbo].[fault_unseen] TO [${reader}];`,
      ],
      table: 'fault_unseen',
      code: 'sqlserver.view_change_tracking',
      severity: 'error',
      remedy: 'sql',
    },
    {
      name: 'a table without a primary key',
      make: ['CREATE TABLE fault_keyless (a INTEGER)'],
      table: 'fault_keyless',
      code: 'sqlserver.primary_key',
      severity: 'error',
      remedy: /ADD CONSTRAINT/,
    },
    {
      name: 'another key than the primary key',
      make: ['CREATE TABLE fault_key (id INTEGER NOT NULL, code INTEGER NOT NULL UNIQUE, PRIMARY KEY (id))'],
      table: 'fault_key',
      choices: { key: ['code'] },
      code: 'sqlserver.key',
      severity: 'error',
      remedy: /no key/,
    },
  ];
}

/** Faults of extract type cdc. */
export function captureFaults(options: FaultOptions): CheckFault[] {
  const { reader, elsewhere } = options;
  return [
    ...serverFaults(options),
    {
      name: 'change data capture of the database is off',
      at: elsewhere.open,
      make: ['EXEC sys.sp_cdc_disable_db;'],
      code: 'sqlserver.cdc',
      severity: 'error',
      remedy: 'sql',
    },
    {
      name: 'change data capture of the database is off, on Amazon RDS',
      at: elsewhere.open,
      make: ['EXEC sys.sp_cdc_disable_db;', 'UPDATE fake.settings SET is_rds = true'],
      code: 'sqlserver.cdc',
      severity: 'error',
      remedy: 'sql',
    },
    {
      name: 'the end of the log is not shown to the user',
      make: [`REVOKE VIEW DATABASE STATE FROM [${reader}];`],
      code: 'sqlserver.view_database_state',
      severity: 'error',
      remedy: 'sql',
    },
    {
      name: 'change tables that the user may not read',
      make: [`REVOKE SELECT ON SCHEMA::cdc FROM [${reader}];`],
      code: 'sqlserver.select_cdc',
      severity: 'error',
      remedy: 'sql',
    },
    {
      name: 'SQL Server Agent is stopped',
      make: ['UPDATE fake.settings SET agent_runs = false'],
      code: 'sqlserver.agent',
      severity: 'error',
      remedy: /Start SQL Server Agent/,
      undo: ['UPDATE fake.settings SET agent_runs = true'],
    },
    {
      name: 'changes are kept for two hours',
      at: elsewhere.open,
      make: [`EXEC sys.sp_cdc_change_job @job_type = N'cleanup', @retention = 120;`],
      code: 'sqlserver.retention',
      severity: 'warning',
      remedy: 'sql',
    },
    {
      name: 'a table that is not captured',
      make: [
        'CREATE TABLE fault_uncaptured (id INTEGER NOT NULL, PRIMARY KEY (id))',
        `EXEC sys.sp_cdc_disable_table @source_schema = N'dbo', @source_name = N'fault_uncaptured', @capture_instance = N'dbo_fault_uncaptured';`,
      ],
      table: 'fault_uncaptured',
      code: 'sqlserver.captured_table',
      severity: 'error',
      remedy: 'sql',
    },
    {
      name: 'a column that no capture instance holds',
      make: [
        'CREATE TABLE fault_added (id INTEGER NOT NULL, PRIMARY KEY (id))',
        'ALTER TABLE fault_added ADD c INTEGER NULL',
      ],
      table: 'fault_added',
      code: 'sqlserver.captured_columns',
      severity: 'warning',
      remedy: 'sql',
    },
    {
      name: 'columns that capture holds no values of',
      make: [
        'CREATE TABLE fault_computed (id INTEGER NOT NULL, twice INTEGER GENERATED ALWAYS AS (id * 2) STORED, PRIMARY KEY (id))',
      ],
      table: 'fault_computed',
      code: 'sqlserver.computed_columns',
      severity: 'warning',
      remedy: /changeTracking/,
    },
    {
      name: 'a table without a key',
      make: ['CREATE TABLE fault_keyless (a INTEGER)'],
      table: 'fault_keyless',
      code: 'sqlserver.no_key',
      severity: 'warning',
      remedy: /choose key columns/,
    },
    {
      name: 'a table without a key, with values of which old images hold nothing',
      make: ['CREATE TABLE fault_large (a INTEGER, t NVARCHAR(MAX))'],
      table: 'fault_large',
      code: 'sqlserver.large_values',
      severity: 'error',
      remedy: /primary key/,
    },
    {
      name: 'a key of such values',
      make: ['CREATE TABLE fault_large_key (t NVARCHAR(MAX) NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (id))'],
      table: 'fault_large_key',
      choices: { key: ['t'] },
      code: 'sqlserver.large_values',
      severity: 'error',
      remedy: /key columns/,
    },
  ];
}
