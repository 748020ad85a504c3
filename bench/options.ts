import { parseArgs } from 'node:util';
import { SOURCE_TYPES, type SourceType } from '../test/fixtures/test-source.ts';

/** Parts that need no servers. */
const ALONE = ['redo', 'mining'] as const;
export type AlonePart = (typeof ALONE)[number];

export const PARTS = ['full', 'changes', 'lag', 'memory', ...ALONE] as const;
export type Part = (typeof PARTS)[number];

export function isAlone(part: Part): part is AlonePart {
  return ALONE.some((alone) => alone === part);
}

export interface BenchOptions {
  readonly source: SourceType;
  readonly parts: readonly Part[];
  /** Rows of the table that is copied and changed; changes of the backlog; statements of redo. */
  readonly rows: number;
  /** Rows of the memory part's table, of which its transaction has two fifths; changes of the mining part's transaction. */
  readonly memoryRows: number;
  /** Runs of each side, of which the median counts. */
  readonly repeats: number;
  /** How long lag is measured at 1,000 changes a second. */
  readonly lagSeconds: number;
  /** How long changes are applied as fast as they come at a steady rate; 0: not at all. */
  readonly minutes: number;
  /** Changes a second of the sustained run. */
  readonly rate: number;
  /** Where the figures are written; null: `bench/results/<date>.json`. */
  readonly json: string | null;
  /** A folder for the CPU profiles of Penstock's processes; null: none. */
  readonly profiles: string | null;
}

export type BenchCall =
  | { readonly tag: 'run'; readonly options: BenchOptions }
  | { readonly tag: 'help' }
  | { readonly tag: 'refused'; readonly message: string };

const NUMBERS = {
  rows: { fallback: 1_000_000, least: 1000, most: 100_000_000 },
  'memory-rows': { fallback: 5_000_000, least: 1000, most: 1_000_000_000 },
  repeats: { fallback: 3, least: 1, most: 99 },
  'lag-seconds': { fallback: 60, least: 2, most: 86_400 },
  minutes: { fallback: 0, least: 0, most: 10_000 },
  rate: { fallback: 25_000, least: 100, most: 1_000_000 },
} as const;
type NumberName = keyof typeof NUMBERS;

export const USAGE = `npm run bench -- [options]

  --source NAME      postgres or mysql: a PostgreSQL, or a MariaDB with a binlog (default postgres)
  --only PART        full, changes, lag, memory, redo or mining; may be repeated (default: all)
  --rows N           rows of the table, changes of the backlog, statements (default 1000000)
  --repeats N        runs of each side, of which the median counts (default 3)
  --lag-seconds N    how long lag is measured (default 60)
  --minutes N        adds a sustained run of N minutes to the part changes (default 0: none)
  --rate N           changes a second of the sustained run (default 25000)
  --memory-rows N    rows of the parts memory and mining (default 5000000)
  --json FILE        where the figures are written (default bench/results/<date>.json)
  --profiles FOLDER  CPU profiles of Penstock's processes are written there
  --help             this text`;

/** The words after `npm run bench --`. */
export function parseBenchCall(words: readonly string[]): BenchCall {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...words],
      allowPositionals: false,
      options: {
        source: { type: 'string', default: 'postgres' },
        only: { type: 'string', multiple: true, default: [...PARTS] },
        rows: { type: 'string' },
        'memory-rows': { type: 'string' },
        repeats: { type: 'string' },
        'lag-seconds': { type: 'string' },
        minutes: { type: 'string' },
        rate: { type: 'string' },
        json: { type: 'string' },
        profiles: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    return { tag: 'refused', message: error instanceof Error ? error.message : String(error) };
  }
  if (values.help) return { tag: 'help' };
  const source = SOURCE_TYPES.find((type) => type === values.source);
  if (source === undefined) return refused(`--source ${values.source}: expected one of ${SOURCE_TYPES.join(', ')}`);
  const unknown = values.only.find((name) => !PARTS.some((part) => part === name));
  if (unknown !== undefined) return refused(`--only ${unknown}: expected one of ${PARTS.join(', ')}`);
  for (const name of Object.keys(NUMBERS) as NumberName[]) {
    if (readNumber(name, values[name]) === null) {
      const { least, most } = NUMBERS[name];
      return refused(`--${name} ${values[name] ?? ''}: expected a whole number from ${least} to ${most}`);
    }
  }
  const number = (name: NumberName) => readNumber(name, values[name]) ?? NUMBERS[name].fallback;
  return {
    tag: 'run',
    options: {
      source,
      parts: PARTS.filter((part) => values.only.includes(part)),
      rows: number('rows'),
      memoryRows: number('memory-rows'),
      repeats: number('repeats'),
      lagSeconds: number('lag-seconds'),
      minutes: number('minutes'),
      rate: number('rate'),
      json: values.json ?? null,
      profiles: values.profiles ?? null,
    },
  };
}

function refused(message: string): BenchCall {
  return { tag: 'refused', message };
}

/** Null where the text is not a number within its limits. */
function readNumber(name: NumberName, text: string | undefined): number | null {
  const { fallback, least, most } = NUMBERS[name];
  if (text === undefined) return fallback;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : null;
}
