import type { CheckFault } from '../source-under-test.ts';

const SOUND = '"APP"."SOUND"';

/** What check finds of a database whose logs are read, and of tables. `reader`: the user that reads. */
export function oracleFaults(reader: string): readonly CheckFault[] {
  return [...databaseFaults(), ...rightFaults(reader), ...tableFaults()];
}

function databaseFaults(): CheckFault[] {
  return [
    {
      name: 'logs that are written over',
      make: ['ALTER DATABASE NOARCHIVELOG'],
      code: 'oracle.archivelog',
      severity: 'error',
      remedy: 'sql',
    },
    {
      name: 'logs that do not tell which rows were changed',
      make: ['ALTER DATABASE DROP SUPPLEMENTAL LOG DATA'],
      code: 'oracle.supplemental_logging',
      severity: 'error',
      remedy: 'sql',
    },
    {
      name: 'direct loads that are not in the logs',
      make: ['ALTER DATABASE NO FORCE LOGGING'],
      code: 'oracle.force_logging',
      severity: 'warning',
      remedy: 'sql',
    },
    {
      name: 'logs that are kept for an hour',
      make: [],
      code: 'oracle.retention',
      severity: 'warning',
      remedy: /RMAN/,
    },
  ];
}

function rightFaults(reader: string): CheckFault[] {
  const lacks = (right: string, code: string, severity: CheckFault['severity'] = 'error'): CheckFault => ({
    name: `a user without ${right}`,
    make: [`REVOKE ${right} FROM "${reader}"`],
    code,
    severity,
    remedy: 'sql',
  });
  return [
    lacks(`FLASHBACK ON ${SOUND}`, 'oracle.flashback'),
    ...['LOGMINING', 'SELECT ANY TRANSACTION', 'EXECUTE ON DBMS_LOGMNR'].map((right) => lacks(right, 'oracle.rights')),
    ...['V_$LOG', 'GV_$TRANSACTION'].map((view) => lacks(`SELECT ON ${view}`, 'oracle.rights')),
    lacks('SELECT ON DBA_EXTENTS', 'oracle.rights', 'warning'),
  ];
}

function tableFaults(): CheckFault[] {
  return [
    {
      name: 'a table of whose rows the logs hold a part',
      make: [`ALTER TABLE ${SOUND} DROP SUPPLEMENTAL LOG DATA (ALL) COLUMNS`],
      code: 'oracle.table_logging',
      severity: 'error',
      remedy: 'sql',
    },
    {
      name: 'a table without a key',
      make: ['CREATE TABLE fault_no_key (a INTEGER)'],
      table: 'FAULT_NO_KEY',
      code: 'oracle.no_key',
      severity: 'warning',
      remedy: /ADD PRIMARY KEY/,
    },
  ];
}
