import { parseArgs } from 'node:util';
import { SOURCE_TYPES, type SourceType } from '../test/fixtures/test-source.ts';

export interface DemoOptions {
  readonly source: SourceType;
  /** Rows of the shop, all tables together. */
  readonly rows: number;
  /** How long the log is followed while customers are at work. */
  readonly seconds: number;
  readonly seed: number;
  /** Leaves servers and pipeline running until the process is stopped. */
  readonly keep: boolean;
  /** Changes one row at the destination before the verification, which then must fail. */
  readonly tamper: boolean;
}

export type DemoCall =
  | { readonly tag: 'run'; readonly options: DemoOptions }
  | { readonly tag: 'help' }
  | { readonly tag: 'refused'; readonly message: string };

export const USAGE = `npm run demo -- [options]

  --rows N         rows of the shop, all tables together (default 250000)
  --seconds N      how long the log is followed under load (default 25)
  --source NAME    postgres or mysql: a PostgreSQL, or a MariaDB with a binlog (default postgres);
                   where MYSQLD is the whole path of a MySQL server's program, mysql is that server
  --seed N         seed of the workload (default 1)
  --keep           leave the servers and the pipeline running until Ctrl-C
  --tamper         change one row at the destination before the comparison, to see it fail
  --help           this text`;

const LIMITS = { rows: [100, 100_000_000], seconds: [1, 86_400], seed: [0, 2 ** 31 - 1] } as const;
const DEFAULTS = { rows: 250_000, seconds: 25, seed: 1 } as const;

/** The words after `npm run demo --`. */
export function parseDemoCall(words: readonly string[]): DemoCall {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...words],
      allowPositionals: false,
      options: {
        rows: { type: 'string' },
        seconds: { type: 'string' },
        seed: { type: 'string' },
        source: { type: 'string', default: 'postgres' },
        keep: { type: 'boolean', default: false },
        tamper: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    return { tag: 'refused', message: error instanceof Error ? error.message : String(error) };
  }
  if (values.help) return { tag: 'help' };
  const source = SOURCE_TYPES.find((type) => type === values.source);
  if (source === undefined) {
    const message = `--source ${values.source}: expected one of ${SOURCE_TYPES.join(', ')}`;
    return { tag: 'refused', message };
  }
  const [rows, seconds, seed] = [
    number('rows', values.rows),
    number('seconds', values.seconds),
    number('seed', values.seed),
  ];
  for (const parsed of [rows, seconds, seed])
    if (typeof parsed === 'string') return { tag: 'refused', message: parsed };
  return {
    tag: 'run',
    options: {
      source,
      rows: Number(rows),
      seconds: Number(seconds),
      seed: Number(seed),
      keep: values.keep,
      tamper: values.tamper,
    },
  };
}

/** The number, or what is wrong with the text. */
function number(name: keyof typeof LIMITS, text: string | undefined): number | string {
  if (text === undefined) return DEFAULTS[name];
  const [least, most] = LIMITS[name];
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  return `--${name} ${text}: expected a whole number from ${least} to ${most}`;
}
