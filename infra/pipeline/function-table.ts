/** What a function may touch; `permissions.ts` makes IAM statements of it. */
export interface Needs {
  /** Reads the pipeline's settings; without them it knows neither source nor destination. */
  readonly settings: boolean;
  /** What it does with items of the pipeline's own partition. */
  readonly catalog: readonly ('get' | 'list' | 'put' | 'remove')[];
  /** `clear`: removes what it lists. `expire`: reads, and removes what nothing needs any more. `remake`: reads, and writes extracts: those that have expired again, or those of a log that nobody else reads. */
  readonly store: 'none' | 'read' | 'clear' | 'expire' | 'remake';
  readonly secrets: readonly ('source' | 'destination')[];
  readonly publishes: boolean;
  readonly wakesLoader: boolean;
}

export interface FunctionEntry {
  /** Relative to the repository. */
  readonly entry: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  /** MB; `byVolume`: from the volume table. */
  readonly memory: number | 'byVolume';
  /** Called without anybody waiting for the answer: what fails goes to the dead letters. */
  readonly calledAsynchronously: boolean;
  /** Null: shares what the account has. */
  readonly reservedConcurrency: number | null;
  readonly needs: Needs;
}

const MINUTE = 60;
const NOTHING: Needs = {
  settings: true,
  catalog: [],
  store: 'none',
  secrets: [],
  publishes: false,
  wakesLoader: false,
};
const WRITES = ['get', 'list', 'put'] as const;
const REMOVES = [...WRITES, 'remove'] as const;
const STEP = { calledAsynchronously: false, reservedConcurrency: null, timeoutSeconds: 15 * MINUTE, memory: 1024 };
const SMALL = { calledAsynchronously: true, reservedConcurrency: null, memory: 256 };

/** Every function of a pipeline. `infra` knows the entry files by name only. */
export const FUNCTIONS = {
  load: {
    ...STEP,
    entry: 'functions/load.ts',
    description: 'Loads every visible extract; wakes itself where time does not suffice',
    memory: 'byVolume',
    calledAsynchronously: true,
    // One call loads, by lease; the second lets a state machine ask for a drain. More would only find the lease held.
    reservedConcurrency: 2,
    needs: {
      ...NOTHING,
      catalog: REMOVES,
      store: 'expire',
      secrets: ['destination'],
      publishes: true,
      wakesLoader: true,
    },
  },
  'schedule-tick': {
    ...SMALL,
    entry: 'functions/schedule-tick.ts',
    description: 'Every minute: wakes the loader where a wake-up was lost; starts runs that are due',
    timeoutSeconds: 30,
    // Where no load was recorded yet, or long ago, the sums of reports are listed for the last one.
    needs: { ...NOTHING, settings: false, catalog: ['list'], wakesLoader: true },
  },
  'switch-schedule': {
    ...STEP,
    entry: 'functions/switch-schedule.ts',
    description: 'Says whether the scheduler is on, and switches it',
    timeoutSeconds: 30,
    memory: 256,
    needs: { ...NOTHING, settings: false, catalog: ['get', 'put'], wakesLoader: true },
  },
  'begin-operation': {
    ...STEP,
    entry: 'functions/begin-operation.ts',
    description: 'Takes the reader lease for an operation and records it',
    timeoutSeconds: MINUTE,
    memory: 256,
    needs: { ...NOTHING, catalog: WRITES },
  },
  'plan-copy': {
    ...STEP,
    entry: 'functions/plan-copy.ts',
    description: 'Cuts tables into chunks and lists them in the catalog',
    needs: {
      ...NOTHING,
      catalog: REMOVES,
      store: 'none',
      secrets: ['source', 'destination'],
      publishes: true,
    },
  },
  'load-chunks': {
    ...STEP,
    entry: 'functions/load-chunks.ts',
    description: 'Loads the chunks that copy workers have finished',
    memory: 2048,
    needs: { ...NOTHING, catalog: WRITES, store: 'read', secrets: ['destination'], publishes: true },
  },
  'finish-copy': {
    ...STEP,
    entry: 'functions/finish-copy.ts',
    description: 'Puts finished tables into place and says how the copy stands',
    needs: { ...NOTHING, catalog: REMOVES, store: 'clear', secrets: ['destination'], publishes: true },
  },
  'end-operation': {
    ...STEP,
    entry: 'functions/end-operation.ts',
    description: 'Records how an operation ended and gives the reader lease back',
    timeoutSeconds: 2 * MINUTE,
    memory: 512,
    needs: { ...NOTHING, catalog: WRITES, secrets: ['destination'], publishes: true },
  },
  rollback: {
    ...STEP,
    entry: 'functions/rollback.ts',
    description: 'Begins a rollback: from an extract on, stored extracts are applied again',
    // Files that have expired are made again from the source's log.
    needs: { ...NOTHING, catalog: WRITES, store: 'remake', secrets: ['source', 'destination'], publishes: true },
  },
  'sync-structure': {
    ...STEP,
    entry: 'functions/sync-structure.ts',
    description: "Brings the destination's tables to the source's structure",
    needs: {
      ...NOTHING,
      catalog: WRITES,
      // Rows that wait in extracts say which structures the log had.
      store: 'read',
      secrets: ['source', 'destination'],
      publishes: true,
    },
  },
  quarantine: {
    ...STEP,
    entry: 'functions/quarantine.ts',
    description: 'Lists the rows that were set aside, fetches them again, or drops them',
    // Rows that changed meanwhile are found in extracts; where nobody reads the log, it is read up to the rows.
    needs: {
      ...NOTHING,
      catalog: WRITES,
      store: 'remake',
      secrets: ['source', 'destination'],
      publishes: true,
      wakesLoader: true,
    },
  },
  verify: {
    ...STEP,
    entry: 'functions/verify.ts',
    description: 'Compares source and destination, chunk by chunk; repairs what differs where that is asked for',
    // What is on its way is told by extracts; a repair reads the log where nobody does, as the retry of quarantine.
    needs: {
      ...NOTHING,
      catalog: WRITES,
      store: 'remake',
      secrets: ['source', 'destination'],
      publishes: true,
      wakesLoader: true,
    },
  },
  'check-source': {
    ...STEP,
    entry: 'functions/check-source.ts',
    description: 'Says what the source still lacks for this pipeline',
    timeoutSeconds: 2 * MINUTE,
    memory: 512,
    needs: { ...NOTHING, secrets: ['source'] },
  },
  'check-destination': {
    ...STEP,
    entry: 'functions/check-destination.ts',
    description: 'Says what the destination still lacks for this pipeline',
    timeoutSeconds: 2 * MINUTE,
    memory: 512,
    needs: { ...NOTHING, secrets: ['destination'] },
  },
  health: {
    ...SMALL,
    entry: 'functions/health.ts',
    description: 'Every minute: compares the last status with the thresholds; raises and clears alarms',
    timeoutSeconds: MINUTE,
    needs: { ...NOTHING, settings: false, catalog: WRITES, publishes: true },
  },
} as const satisfies Readonly<Record<string, FunctionEntry>>;

export type FunctionName = keyof typeof FUNCTIONS;
export const FUNCTION_NAMES = Object.keys(FUNCTIONS) as FunctionName[];

export function functionEntry(name: FunctionName): FunctionEntry {
  return FUNCTIONS[name];
}
