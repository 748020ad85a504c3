import { ORACLE_VARIANTS, readsFiles } from '../../../../core/sources/oracle/server/variants.ts';
import type { CheckFault, DatabaseUnderTest } from '../source-under-test.ts';
import { readerOf, type OracleUnderTest } from './servers.ts';

/** Opens another database of a kind than the one that all cases share. */
export type OpenDatabase = (tested: OracleUnderTest, name: string) => Promise<DatabaseUnderTest>;

/** Every finding of check that a database can be brought to. `open`: for those that need another database. */
export function oracleFaults(tested: OracleUnderTest, open: OpenDatabase): readonly CheckFault[] {
  const reader = readerOf(tested, 'contract_check');
  const inRoot = isPluggable(tested) ? ['ALTER SESSION SET CONTAINER = CDB$ROOT'] : [];
  return [
    ...databaseFaults(inRoot),
    ...tableRightFaults(reader),
    ...logRightFaults(tested, reader, inRoot),
    ...(isPluggable(tested) ? containerFaults(reader, inRoot) : []),
    ...tableFaults(),
    ...shapeFaults(),
    ...kindFaults(tested, open),
    ...besideFaults(tested),
  ];
}

function isPluggable({ type }: OracleUnderTest): boolean {
  return ORACLE_VARIANTS.some((variant) => variant.type === type && variant.isPluggable);
}

function databaseFaults(inRoot: readonly string[]): CheckFault[] {
  return [
    {
      name: 'logs that are written over',
      make: [...inRoot, 'ALTER DATABASE NOARCHIVELOG'],
      code: 'oracle.archivelog',
      severity: 'error',
      remedy: 'sql',
    },
    {
      name: 'logs that do not tell which rows were changed',
      make: [...inRoot, 'ALTER DATABASE DROP SUPPLEMENTAL LOG DATA'],
      code: 'oracle.supplemental_logging',
      severity: 'error',
      remedy: 'sql',
    },
    {
      name: 'direct loads that are not in the logs',
      make: [...inRoot, 'ALTER DATABASE NO FORCE LOGGING'],
      code: 'oracle.force_logging',
      severity: 'warning',
      remedy: 'sql',
    },
    {
      name: 'logs that are kept for an hour',
      make: [...inRoot, 'ALTER SYSTEM ARCHIVE LOG CURRENT'],
      code: 'oracle.retention',
      severity: 'warning',
      remedy: /RMAN/,
    },
    {
      name: 'a standby',
      make: [...inRoot, 'ALTER DATABASE COMMIT TO SWITCHOVER TO PHYSICAL STANDBY'],
      code: 'oracle.role',
      severity: 'error',
      remedy: /address of the primary/,
      undo: [...inRoot, 'ALTER DATABASE COMMIT TO SWITCHOVER TO PRIMARY'],
    },
  ];
}

function lacks(reader: string, right: string, code: string, severity: CheckFault['severity'] = 'error'): CheckFault {
  return {
    name: `a user without ${right}`,
    make: [`REVOKE ${right} FROM "${reader}"`],
    code,
    severity,
    remedy: 'sql',
  };
}

function tableRightFaults(reader: string): CheckFault[] {
  return [
    lacks(reader, 'FLASHBACK ON sound', 'oracle.flashback'),
    lacks(reader, 'SELECT ON sound', 'oracle.table'),
    {
      name: 'a user who may write a table, and not read it',
      make: [`GRANT INSERT ON sound TO "${reader}"`, `REVOKE SELECT ON sound FROM "${reader}"`],
      code: 'oracle.select',
      severity: 'error',
      remedy: 'sql',
      undo: [`REVOKE INSERT ON sound FROM "${reader}"`],
    },
    lacks(reader, 'SELECT ON DBA_2PC_PENDING', 'oracle.rights'),
    ...['DBA_EXTENTS', 'DBA_OBJECTS'].map((view) => lacks(reader, `SELECT ON ${view}`, 'oracle.rights', 'warning')),
  ];
}

/** Rights where the logs are listed, and where they are mined if that is the same place. */
function logRightFaults({ extractType }: OracleUnderTest, reader: string, inRoot: readonly string[]): CheckFault[] {
  const isRemote = extractType === 'remoteLogMiner';
  const views = ['V_$LOG', 'V_$LOGFILE', 'V_$ARCHIVED_LOG', 'V_$ARCHIVE_DEST_STATUS', 'V_$THREAD', 'GV_$TRANSACTION'];
  const rights = [
    ...(isRemote ? ['EXECUTE ON DBMS_LOGMNR_D'] : ['LOGMINING', 'SELECT ANY TRANSACTION', 'EXECUTE ON DBMS_LOGMNR']),
    ...[...views, ...(isRemote ? [] : ['V_$LOGMNR_CONTENTS', 'V_$LOGMNR_LOGS'])].map((view) => `SELECT ON ${view}`),
  ];
  return rights.map((right) => {
    const fault = lacks(reader, right, 'oracle.rights');
    return { ...fault, make: [...inRoot, ...fault.make] };
  });
}

/** What a user needs in both containers. */
function containerFaults(reader: string, inRoot: readonly string[]): CheckFault[] {
  return [
    lacks(reader, 'SELECT ON V_$PDB_INCARNATION', 'oracle.rights'),
    {
      ...lacks(reader, 'SELECT ON V_$CONTAINERS', 'oracle.rights'),
      make: [...inRoot, `REVOKE SELECT ON V_$CONTAINERS FROM "${reader}"`],
    },
    {
      name: 'a user who sees nothing of the pluggable database in the root',
      make: [...inRoot, `ALTER USER "${reader}" SET CONTAINER_DATA = DEFAULT CONTAINER = CURRENT`],
      code: 'oracle.container_data',
      severity: 'error',
      remedy: 'sql',
    },
  ];
}

/** What can be wrong with tables that are anybody's: nothing of the database is touched. */
export const LOGGED_TABLE_FAULTS: readonly CheckFault[] = [
  {
    name: 'a table of whose rows the logs hold a part',
    make: ['ALTER TABLE sound DROP SUPPLEMENTAL LOG DATA (ALL) COLUMNS'],
    code: 'oracle.table_logging',
    severity: 'error',
    remedy: 'sql',
  },
  {
    name: 'a table without a key',
    make: ['CREATE TABLE fault_no_key (a INTEGER)'],
    table: 'fault_no_key',
    code: 'oracle.no_key',
    severity: 'warning',
    remedy: /ADD PRIMARY KEY/,
  },
];

function tableFaults(): CheckFault[] {
  return [
    ...LOGGED_TABLE_FAULTS,
    {
      name: 'a table without a key whose old values are not logged',
      make: ['CREATE TABLE fault_large (a INTEGER, t CLOB)'],
      table: 'fault_large',
      code: 'oracle.large_values',
      severity: 'error',
      remedy: /ADD PRIMARY KEY/,
    },
    {
      name: 'a column that is computed',
      make: [
        'CREATE TABLE fault_virtual (id INTEGER NOT NULL, twice NUMBER GENERATED ALWAYS AS (id * 2) VIRTUAL, PRIMARY KEY (id))',
      ],
      table: 'fault_virtual',
      code: 'oracle.virtual_columns',
      severity: 'warning',
      remedy: /compute them/,
    },
    {
      name: 'a name that LogMiner does not tell',
      make: [`CREATE TABLE fault_name (id INTEGER NOT NULL, ${'long_'.repeat(6)}name INTEGER, PRIMARY KEY (id))`],
      table: 'fault_name',
      code: 'oracle.long_name',
      severity: 'warning',
      remedy: /shorter name/,
    },
    {
      name: 'a condition that is none',
      make: [],
      choices: { where: 'nope > 1' },
      code: 'oracle.where',
      severity: 'error',
      remedy: /setting/,
    },
  ];
}

/** Tables that are kept in other ways than others. */
function shapeFaults(): CheckFault[] {
  const leaveOut = { severity: 'error', remedy: /Leave the table out/ } as const;
  return [
    {
      name: 'an index-organised table',
      make: ['CREATE TABLE fault_index (id INTEGER NOT NULL, PRIMARY KEY (id)) ORGANIZATION INDEX'],
      table: 'fault_index',
      code: 'oracle.index_organized',
      severity: 'warning',
      remedy: /verify/,
    },
    {
      name: 'a temporary table',
      make: [
        'CREATE GLOBAL TEMPORARY TABLE fault_temporary (id INTEGER NOT NULL, PRIMARY KEY (id)) ON COMMIT DELETE ROWS',
      ],
      table: 'fault_temporary',
      code: 'oracle.temporary',
      ...leaveOut,
    },
    {
      name: 'an external table',
      make: [
        `CREATE TABLE fault_external (id INTEGER) ORGANIZATION EXTERNAL (TYPE ORACLE_LOADER DEFAULT DIRECTORY files LOCATION ('rows.csv'))`,
      ],
      table: 'fault_external',
      code: 'oracle.external',
      ...leaveOut,
    },
    {
      name: 'a nested table',
      make: [
        'CREATE TYPE fault_list AS TABLE OF NUMBER',
        'CREATE TABLE fault_outer (id INTEGER NOT NULL, parts fault_list, PRIMARY KEY (id)) NESTED TABLE parts STORE AS fault_parts',
      ],
      table: 'fault_parts',
      code: 'oracle.nested',
      ...leaveOut,
    },
  ];
}

/** A database that another type of source is for, or no log yet. */
function kindFaults(tested: OracleUnderTest, open: OpenDatabase): CheckFault[] {
  const at = (more: Partial<OracleUnderTest>) => () => open({ ...tested, ...more }, 'contract_check_away');
  const is19c = tested.type === 'oracle19c' || tested.type === 'oracle19cPluggable';
  const needsRoot = !isPluggable(tested) && readsFiles(tested.extractType);
  return [
    {
      name: 'no log that is archived',
      at: at({}),
      make: [],
      code: 'oracle.retention',
      severity: 'warning',
      remedy: /ARCHIVE LOG CURRENT/,
    },
    ...(is19c
      ? [
          {
            name: 'a server before 19c',
            at: at({ release: '18.14.0.0.0' }),
            make: [],
            code: 'oracle.release',
            severity: 'error',
            remedy: /Use source type oracle/,
          } as const,
        ]
      : []),
    ...(isPluggable(tested)
      ? [
          {
            name: 'a database without containers',
            at: at({ hasContainers: false }),
            make: [],
            code: 'oracle.container',
            severity: 'error',
            remedy: /without \(Pluggable Database\)/,
          } as const,
        ]
      : []),
    ...(needsRoot
      ? [
          {
            name: 'a pluggable database, whose logs are in the root',
            at: at({ hasContainers: true }),
            make: [],
            code: 'oracle.container',
            severity: 'error',
            remedy: /rootDatabase/,
          } as const,
        ]
      : []),
  ];
}

/** A second database that is not there. */
function besideFaults(tested: OracleUnderTest): CheckFault[] {
  const away = { host: '127.0.0.1', port: 1, database: 'away', user: 'NOBODY', password: { env: 'UNUSED' } };
  const fault = (of: 'root' | 'mining'): CheckFault => ({
    name: `a ${of} database that is not there`,
    make: [],
    settings: { [`${of}Database`]: away },
    code: `oracle.${of}_database`,
    severity: 'error',
    remedy: /./,
  });
  return [
    ...(isPluggable(tested) ? [fault('root')] : []),
    ...(tested.extractType === 'remoteLogMiner' ? [fault('mining')] : []),
  ];
}
