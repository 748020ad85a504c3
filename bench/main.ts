import { secondsSince } from '../demo/screen.ts';
import { startBenchServers, type BenchServers } from './bench-servers.ts';
import { changesPart } from './changes-part.ts';
import { fullPart } from './full-part.ts';
import { lagPart } from './lag-part.ts';
import { memoryPart } from './memory-part.ts';
import { parseBenchCall, USAGE, type BenchOptions, type Part } from './options.ts';
import { Report } from './report.ts';

const RUN: Readonly<Record<Part, (servers: BenchServers, options: BenchOptions, report: Report) => Promise<void>>> = {
  full: fullPart,
  changes: changesPart,
  lag: lagPart,
  memory: memoryPart,
};

/** 0: measured, whatever the figures are. 1: a part failed. 2: the call is wrong. */
async function main(words: readonly string[]): Promise<number> {
  const call = parseBenchCall(words);
  if (call.tag !== 'run') {
    console.log(call.tag === 'help' ? USAGE : `${call.message}\n\n${USAGE}`);
    return call.tag === 'help' ? 0 : 2;
  }
  const report = new Report((line) => console.log(line));
  await using servers = await startBenchServers(call.options.source);
  console.log(
    Object.entries(servers.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  );
  let failed = 0;
  for (const part of call.options.parts) {
    const began = performance.now();
    try {
      await RUN[part](servers, call.options, report);
    } catch (error) {
      failed = 1;
      console.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    report.note(`${part}: ${secondsSince(began)}`);
  }
  console.log(`\nWritten: ${await report.save(call.options, servers.versions)}`);
  return failed;
}

process.exitCode = await main(process.argv.slice(2));
