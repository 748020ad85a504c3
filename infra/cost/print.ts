import { parseArgs } from 'node:util';
import * as z from 'zod';
import { SOURCE_KINDS } from '../../core/sources/kinds.ts';
import type { SourceKind } from '../../core/sources/source-definition.ts';
import { VOLUMES } from '../deployment/deployment.ts';
import { dollarsOf, estimate, SERVICES } from './estimate.ts';
import { BUSY } from './examples.ts';
import { PRICES, PRICES_DATE, PRICES_REGION } from './prices.ts';
import { HOURS, monthOf, type CostedDeployment, type Workload } from './usage.ts';

/**
 * Prints what a month of a pipeline costs: `node infra/cost/print.ts [--volume under100GB] [--busy-hours 220] [--rows-per-second 500] …`;
 * `--help` names everything. Nothing is asked of AWS: list prices of one date.
 */

const amount = (fallback: number, most = 1e9) => z.coerce.number().min(0).max(most).default(fallback);
const options = z.strictObject({
  source: z.enum(SOURCE_KINDS.map(({ type }) => type)).default('postgres'),
  volume: z.enum(VOLUMES).default('under100GB'),
  reader: z.enum(['fargate', 'ec2', 'external']).default('fargate'),
  'high-availability': z.boolean().default(false),
  network: z.enum(['new', 'existing']).default('new'),
  zones: amount(2, 3),
  nat: z.enum(['none', 'one', 'perZone']).default('one'),
  'interface-endpoints': z.boolean().default(false),
  'over-internet': z.boolean().default(false),
  'extract-retention-days': amount(14),
  'log-retention-days': amount(90),
  tables: amount(BUSY.tables),
  'columns-per-table': amount(BUSY.columnsPerTable),
  'changing-tables': amount(BUSY.changingTables),
  'busy-hours': amount(HOURS, HOURS),
  'rows-per-second': amount(BUSY.rowsPerSecond),
  'bytes-per-row': amount(BUSY.bytesPerRow),
  'table-loaded-events': z.enum(['yes', 'no']).default('yes'),
  'extract-seconds': z.coerce.number().min(0.01).max(3600).default(BUSY.extractSeconds),
});
type Options = z.output<typeof options>;

const names = Object.keys(options.shape) as (keyof Options)[];
const FLAGS: ReadonlySet<string> = new Set(['high-availability', 'interface-endpoints', 'over-internet']);

function givenOptions(): Options | null {
  const known = Object.fromEntries(
    names.map((name) => [name, { type: FLAGS.has(name) ? 'boolean' : 'string' } as const]),
  );
  try {
    const { values } = parseArgs({ options: { ...known, help: { type: 'boolean', default: false } } });
    const { help, ...given } = values;
    if (help) return null;
    return options.parse(given);
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    process.stderr.write(`${reason}\n`);
    process.exitCode = 2;
    return null;
  }
}

function costed(given: Options): { readonly deployment: CostedDeployment; readonly work: Workload } {
  const network =
    given.network === 'existing'
      ? ({ tag: 'existing' } as const)
      : ({
          tag: 'new',
          availabilityZones: given.zones,
          nat: given.nat,
          interfaceEndpoints: given['interface-endpoints'],
        } as const);
  const kind = (SOURCE_KINDS as readonly SourceKind<unknown>[]).find(({ type }) => type === given.source);
  return {
    deployment: {
      pipeline: { volume: given.volume, reader: given.reader, highAvailability: given['high-availability'] },
      network,
      extractRetentionDays: given['extract-retention-days'],
      logRetentionDays: given['log-retention-days'],
      overInternet: given['over-internet'],
    },
    work: {
      tables: given.tables,
      columnsPerTable: given['columns-per-table'],
      changingTables: Math.min(given.tables, given['changing-tables']),
      busyHours: given['busy-hours'],
      rowsPerSecond: given['rows-per-second'],
      bytesPerRow: given['bytes-per-row'],
      extractSeconds: given['extract-seconds'],
      tableLoadedEvents: given['table-loaded-events'] === 'yes',
      rememberedBytes: kind?.rememberedBytes?.(given.tables) ?? 0,
    },
  };
}

function report(given: Options): string {
  const { deployment, work } = costed(given);
  const lines = estimate(deployment, monthOf(deployment, work));
  const rows = SERVICES.flatMap((service) => {
    const own = lines.filter((line) => line.service === service);
    return own.map(({ what, scope, count, price, dollars }) =>
      [
        service.padEnd(16),
        `${what}${scope === 'shared' ? ' (shared)' : ''}`.padEnd(34),
        count.toLocaleString('en', { maximumFractionDigits: 1 }).padStart(16),
        ` ${PRICES[price].unit}`.padEnd(52),
        dollars.toFixed(2).padStart(9),
      ].join(''),
    );
  });
  const total = dollarsOf(lines);
  const shared = dollarsOf(lines, ({ scope }) => scope === 'shared');
  const head = `A month in US dollars; list prices of ${PRICES_REGION}, ${PRICES_DATE}, without free tiers and taxes.`;
  const foot = `In all ${total.toFixed(2)}, of which all pipelines share ${shared.toFixed(2)}. What is assumed: docs/cost.md.`;
  return `${[head, '', ...rows, '', foot].join('\n')}\n`;
}

const given = givenOptions();
if (given !== null) process.stdout.write(report(given));
else if (process.exitCode === undefined) {
  const defaults = options.parse({});
  process.stdout.write(`${names.map((name) => `--${name} (${String(defaults[name])})`).join('\n')}\n`);
}
