import { parseArgs } from 'node:util';
import { simulateOracle } from '../test/simulation/oracle/simulate.ts';
import { describeFailure, runSeeds, summaryText, type Simulated } from '../test/simulation/run-seeds.ts';
import { simulate } from '../test/simulation/simulate.ts';

/**
 * npm run simulate -- [--seeds N] [--from S]       runs N seeds from S on, on all cores
 * npm run simulate -- --seed S [--trace]           runs one seed, and shows every event of it
 * With --oracle it is the reader of Oracle's logs alone, else whole pipelines.
 * With --operators somebody verifies, repairs and rolls back in every run, not only in one of seven.
 * Exit 1 when a rule was broken, 2 when it was called wrongly.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    oracle: { type: 'boolean', default: false },
    operators: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
  },
});

const simulated: Simulated = values.oracle ? 'oracle' : 'pipeline';

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  console.error(`--${name} has to be a whole number, not ${text}`);
  process.exit(2);
}

async function one(seed: number): Promise<boolean> {
  const { operators } = values;
  const traced = values.trace ? { trace: (line: string) => console.log(line) } : {};
  const run = values.oracle ? simulateOracle(seed, traced) : simulate(seed, { operators, ...traced });
  const { violations, ...told } = await run;
  console.log(
    Object.entries(told)
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
  );
  for (const violation of violations) console.log(`BROKEN: ${violation}`);
  return violations.length === 0;
}

async function many(first: number, count: number): Promise<boolean> {
  const began = process.hrtime.bigint();
  const onProgress = (done: number, failed: number): void => {
    const line = `${done} of ${count} seeds, ${failed} failed`;
    if (process.stdout.isTTY) process.stdout.write(`\r${line}`);
    else if (done % 1_000 === 0) console.log(line);
  };
  const summary = await runSeeds({ simulated, first, count, operators: values.operators, onProgress });
  if (process.stdout.isTTY) process.stdout.write('\n');
  const seconds = Number((process.hrtime.bigint() - began) / 1_000_000n) / 1000;
  console.log(`${summaryText(summary)}, in ${seconds.toFixed(1)} s`);
  for (const failure of summary.failures.slice(0, 10)) console.log(describeFailure(failure, simulated));
  return summary.failures.length === 0;
}

const passed =
  values.seed === undefined
    ? await many(wholeNumber('from', values.from), wholeNumber('seeds', values.seeds))
    : await one(wholeNumber('seed', values.seed));
process.exitCode = passed ? 0 : 1;
