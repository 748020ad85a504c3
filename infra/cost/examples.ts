import { HOURS, type CostedDeployment, type Workload } from './usage.ts';

/** The deployment that docs/cost.md begins with: infra/examples/standard.config.ts. */
export const STANDARD: CostedDeployment = {
  pipeline: { volume: 'under100GB', highAvailability: false, reader: 'fargate' },
  network: { tag: 'new', availabilityZones: 2, nat: 'one', interfaceEndpoints: false },
  extractRetentionDays: 14,
  logRetentionDays: 90,
  overInternet: false,
};

/** Changes in all of a hundred tables in every second, all month. */
export const BUSY: Workload = {
  tables: 100,
  columnsPerTable: 12,
  changingTables: 100,
  busyHours: HOURS,
  rowsPerSecond: 1000,
  bytesPerRow: 250,
  extractSeconds: 1,
  tableLoadedEvents: true,
};

/** The same in ten hours of 22 days, with changes in ten of the tables at a time. */
export const WORKING_DAYS: Workload = { ...BUSY, busyHours: 220, changingTables: 10, rowsPerSecond: 200 };

/** The log is read once a day, by a task of some minutes. */
export const ONCE_A_DAY: CostedDeployment = { ...STANDARD, runs: { perDay: 1, minutes: 5 } };

/** What changes in a day of {@link WORKING_DAYS}, in a few large extracts. */
export const DAILY_WORK: Workload = { ...WORKING_DAYS, busyHours: 2.5, extractSeconds: 20, rowsPerSecond: 17_600 };

export const IDLE: Workload = { ...BUSY, busyHours: 0 };
