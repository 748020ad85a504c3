import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { counted } from '../cli/output/quantities.ts';
import { MEMORY_GOAL_BYTES } from './memory-part.ts';
import { miningReport, type MiningReport } from './mining-report.ts';
import type { BenchOptions } from './options.ts';
import type { Report } from './report.ts';

const PROCESS = fileURLToPath(new URL('mining-process.ts', import.meta.url));

/** What one transaction of Oracle that is larger than memory takes, from LogMiner's rows to parsed statements: as it is, and half taken back. */
export async function miningPart({ memoryRows }: Pick<BenchOptions, 'memoryRows'>, report: Report): Promise<void> {
  report.title(`Mining: one transaction of ${counted(memoryRows, 'change')} of about 270 bytes`);
  const whole = await mine(memoryRows, 0);
  report.figure('mining.start', whole.startBytes / 1e6, 'MB before');
  report.figure('mining.read', (memoryRows / whole.readMilliseconds) * 1000, 'rows/s into the buffer');
  report.figure('mining.told', (whole.told / whole.tellMilliseconds) * 1000, 'changes/s out of it and parsed');
  report.figure('mining.disk', whole.disk / 1e6, 'MB on disk');
  report.bytes('mining.peak', whole.peakBytes, MEMORY_GOAL_BYTES);
  const undone = Math.floor(memoryRows / 2);
  report.note(`and ${counted(undone, 'change')} taken back by a rollback to a savepoint`);
  const half = await mine(memoryRows, undone);
  report.figure('mining.undoneTold', (half.told / half.tellMilliseconds) * 1000, 'changes/s out of it and parsed');
  report.bytes('mining.undonePeak', half.peakBytes, MEMORY_GOAL_BYTES);
}

/** In a process of its own. */
async function mine(rows: number, undone: number): Promise<MiningReport> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROCESS, rows.toString(), undone.toString()]);
  const found = miningReport.parse(JSON.parse(stdout));
  if (found.told !== rows - undone) throw new Error(`${found.told} changes came out of ${rows - undone}`);
  return found;
}
