import '../../hosts/node/small-memory.ts';
import { tmpdir } from 'node:os';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import { reportHalt } from '../../core/events/report-halt.ts';
import type { Log } from '../../core/host/host.ts';
import { assembleAws, type AwsAssembly } from '../../hosts/aws/aws-assembly.ts';
import { createAwsHost, type AwsHost } from '../../hosts/aws/aws-host.ts';
import { taskArn } from '../../hosts/aws/task-identity.ts';
import { lineLog } from '../../hosts/node/line-log.ts';
import { heartbeat } from './heartbeat.ts';
import { JOBS, type Job } from './jobs.ts';

/** What a process ended by SIGTERM before its work was done says, as shells do: 128 + 15. */
const TERMINATED = 143;
/** Something that nobody closed keeps the task no longer than this after its work is done, in milliseconds. */
const LINGER_MILLISECONDS = 5000;

/** Why a job ends early: the task is stopped. */
class Stopped extends Error {
  override readonly name = 'Stopped';
}

async function main(args: readonly string[], log: Log): Promise<number> {
  const job = JOBS[args[0] ?? ''];
  if (job === undefined) {
    log.error(`usage: main.mjs ${Object.keys(JOBS).join(' | ')}`);
    return 2;
  }
  const stopping = new AbortController();
  const stop = (): void => {
    log.info('the task is stopped: ending in order');
    stopping.abort(new Stopped('the task is stopped'));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  using kept = new DisposableStack();
  kept.use(heartbeat());
  try {
    await work(job, log, stopping.signal);
    return 0;
  } catch (error) {
    if (stopping.signal.aborted && error === stopping.signal.reason) return job.isEndless ? 0 : TERMINATED;
    log.error(error instanceof Error ? error.message : String(error), fieldsOf(error));
    return 1;
  }
}

/** Disposes of everything before it returns: what is in memory is committed, leases are given back, alerts are sent. */
async function work(job: Job, log: Log, signal: AbortSignal): Promise<void> {
  const environment = process.env;
  await using host = createAwsHost({ environment, log, process: await taskArn(environment), wakes: 'by-stream' });
  await using assembly = await assembled(host);
  const { settings, source, destination } = assembly;
  const context = { settings, host, source, destination, signal, progress: () => undefined };
  await job.run(context, environment, tmpdir());
}

/** What goes wrong later is reported by the job or by its operation. */
async function assembled(host: AwsHost): Promise<AwsAssembly> {
  try {
    return await assembleAws(host);
  } catch (error) {
    reportHalt(host, host.deployed.pipeline, error);
    throw error;
  }
}

function fieldsOf(error: unknown): Record<string, string> {
  return error instanceof PenstockError
    ? { code: error.code, remedy: error.remedy }
    : { stack: error instanceof Error ? (error.stack ?? '') : '' };
}

process.exitCode = await main(process.argv.slice(2), lineLog(false));
setTimeout(() => process.exit(), LINGER_MILLISECONDS).unref();
