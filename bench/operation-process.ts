import '../hosts/node/small-memory.ts';
import { readFileSync } from 'node:fs';
import { assemble } from '../cli/assemble.ts';
import { readConfiguration } from '../cli/read-configuration.ts';
import type { Log } from '../core/host/host.ts';
import { delta } from '../core/operations/replication/delta.ts';
import { fullExtract } from '../core/operations/copying/full-extract.ts';
import type { OperationContext, Progress } from '../core/operations/operation-context.ts';
import { run } from '../core/operations/replication/run.ts';
import { OPERATIONS, type LoadReport, type OperationName, type OperationReport } from './operation-report.ts';

/** `node operation-process.ts <penstock.yaml> <operation>`: one operation in a process of its own, which measures itself. */

async function main(configuration: string, operation: OperationName): Promise<void> {
  const stopping = new AbortController();
  process.once('SIGTERM', () => stopping.abort(new Error('stopped')));
  await using assembly = await assemble(await readConfiguration(configuration), { log: quietLog() });
  const startBytes = peakBytes();
  let extracted = 0;
  const context: OperationContext = {
    ...assembly,
    signal: stopping.signal,
    progress: (update) => {
      if (update.tag === 'extract') extracted += update.rows;
      reportLoad(update);
    },
  };
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const copied = await perform(operation, context);
  const milliseconds = performance.now() - began;
  const used = process.cpuUsage(cpu);
  write({
    tag: 'end',
    milliseconds,
    rows: copied ?? extracted,
    peakBytes: peakBytes(),
    startBytes,
    cpuMilliseconds: (used.user + used.system) / 1000,
  });
}

/** @returns the rows that were copied; null for the other operations */
async function perform(operation: OperationName, context: OperationContext): Promise<number | null> {
  switch (operation) {
    case 'full-extract': {
      const result = await fullExtract(context, { tables: null });
      const failed = result.tables.find((table) => table.error !== null);
      if (failed?.error !== undefined && failed.error !== null) throw failed.error;
      return result.tables.reduce((total, table) => total + table.rows, 0);
    }
    case 'delta':
      await delta(context);
      return null;
    case 'run':
      await run(context);
      return null;
  }
}

function reportLoad(update: Progress): void {
  if (update.tag !== 'load') return;
  const { rows, lagMilliseconds } = update;
  write({ tag: 'load', rows, lagMilliseconds, residentBytes: process.memoryUsage.rss() });
}

function write(report: LoadReport | OperationReport): void {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

/** The kernel's own high-water mark of this process. */
function peakBytes(): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

function quietLog(): Log {
  const line = (message: string, fields?: object) => console.error(message, fields ?? '');
  return { info: () => undefined, warn: line, error: line };
}

const [configuration, operation] = process.argv.slice(2);
const known = OPERATIONS.find((candidate) => candidate === operation);
if (configuration === undefined || known === undefined) throw new Error('usage: operation-process.ts FILE OPERATION');
await main(configuration, known);
