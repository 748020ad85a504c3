import { check } from './commands/check.ts';
import { console } from './commands/console.ts';
import { delta } from './commands/delta.ts';
import { fullExtract } from './commands/full-extract.ts';
import { report } from './commands/report.ts';
import { quarantine } from './commands/quarantine.ts';
import { rollback } from './commands/rollback.ts';
import { run } from './commands/run.ts';
import { schedule } from './commands/schedule.ts';
import { status } from './commands/status.ts';
import { syncNewTables } from './commands/sync-new-tables.ts';
import { syncStructure } from './commands/sync-structure.ts';
import { tables } from './commands/tables.ts';
import { verify } from './commands/verify.ts';
import type { Verb } from './verb.ts';

/** In the order in which a user needs them. */
export const VERBS: readonly Verb[] = [
  check,
  tables,
  fullExtract,
  delta,
  run,
  console,
  schedule,
  status,
  verify,
  syncNewTables,
  syncStructure,
  rollback,
  report,
  quarantine,
];
