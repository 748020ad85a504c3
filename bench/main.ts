import { secondsSince } from '../demo/screen.ts';
import { startBenchServers, type BenchServers } from './bench-servers.ts';
import { changesPart } from './changes-part.ts';
import { fullPart } from './full-part.ts';
import { lagPart } from './lag-part.ts';
import { memoryPart } from './memory-part.ts';
import { miningPart } from './mining-part.ts';
import { isAlone, parseBenchCall, USAGE, type AlonePart, type BenchOptions, type Part } from './options.ts';
import { redoPart } from './redo-part.ts';
import { Report } from './report.ts';

type RunPart = (servers: BenchServers, options: BenchOptions, report: Report) => Promise<void>;
type RunAlone = (options: BenchOptions, report: Report) => void | Promise<void>;

const RUN: Readonly<Record<Exclude<Part, AlonePart>, RunPart>> = {
  full: fullPart,
  changes: changesPart,
  lag: lagPart,
  memory: memoryPart,
};

const RUN_ALONE: Readonly<Record<AlonePart, RunAlone>> = {
  redo: redoPart,
  mining: miningPart,
};

/** 0: measured, whatever the figures are. 1: a part failed. 2: the call is wrong. */
async function main(words: readonly string[]): Promise<number> {
  const call = parseBenchCall(words);
  if (call.tag !== 'run') {
    console.log(call.tag === 'help' ? USAGE : `${call.message}\n\n${USAGE}`);
    return call.tag === 'help' ? 0 : 2;
  }
  const report = new Report((line) => console.log(line));
  await using servers = call.options.parts.every(isAlone) ? null : await startBenchServers(call.options.source);
  const versions = servers?.versions ?? {};
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  if (named.length > 0) console.log(named.join(', '));
  let failed = 0;
  for (const part of call.options.parts) {
    const began = performance.now();
    try {
      if (isAlone(part)) await RUN_ALONE[part](call.options, report);
      else if (servers !== null) await RUN[part](servers, call.options, report);
    } catch (error) {
      failed = 1;
      console.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    report.note(`${part}: ${secondsSince(began)}`);
  }
  console.log(`\nWritten: ${await report.save(call.options, versions)}`);
  return failed;
}

process.exitCode = await main(process.argv.slice(2));
