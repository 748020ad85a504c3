import { PRICES, type PriceName } from './prices.ts';
import { ASSUMED } from './usage.ts';

/** Who uses the web console of a deployment, and how much. */
export interface ConsoleUse {
  /** People who sign in in a month. */
  readonly users: number;
  /** Hours in a month that a page is open and seen, of all users together. */
  readonly openHours: number;
}

/** web/console/api/instance-calls.ts: the dashboard is asked for again while it is seen. */
const POLL_SECONDS = 5;
/** infra/console/console-function.ts, in GB. */
const MEMORY_GIGABYTES = 1;
/** Of a dashboard: it reads the catalog, asks Step Functions for what runs and, each half a minute, the logs. */
const ASSUMED_SECONDS = 0.15;
/** Consistent reads of a dashboard: head, tables, sums of reports, status. */
const ASSUMED_READ_UNITS = 30;
/** A line of the access log and those of the function itself. */
const ASSUMED_LOG_BYTES = 900;

/** One of it costs `PRICES[price].dollars`. */
export interface ConsoleCostLine {
  readonly what: string;
  readonly count: number;
  readonly price: PriceName;
  readonly dollars: number;
}

/** Pure: a month of the console, which all pipelines share. Without free tiers: Cognito's first ten thousand users are free. */
export function consoleCost({ users, openHours }: ConsoleUse): ConsoleCostLine[] {
  const requests = (openHours * 3600) / POLL_SECONDS;
  const entries: readonly (readonly [what: string, count: number, price: PriceName])[] = [
    ['users of Cognito', users, 'userMonth'],
    ['requests to the HTTP API', requests, 'apiRequest'],
    ['Lambda: calls', requests, 'lambdaCall'],
    ['Lambda: time', requests * ASSUMED_SECONDS * MEMORY_GIGABYTES, 'lambdaSecond'],
    ['DynamoDB: reads', requests * ASSUMED_READ_UNITS, 'readUnit'],
    ['logs taken in', (requests * (ASSUMED_LOG_BYTES + ASSUMED.platformLogBytes)) / 1e9, 'logGigabyte'],
    ['traces', requests / 20, 'trace'],
    ['alarm', 1, 'alarmMonth'],
  ];
  return entries.map(([what, count, price]) => ({ what, count, price, dollars: count * PRICES[price].dollars }));
}

/** Three people look for two hours of each working day. */
export const SOME_USE: ConsoleUse = { users: 3, openHours: 3 * 2 * 22 };
