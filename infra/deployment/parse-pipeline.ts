import type { Problem } from '../../core/pipeline/configuration-problem.ts';
import { namedServers, type NamedServer } from '../../core/pipeline/named-servers.ts';
import { secretReferencesIn, type FoundReference } from '../../core/pipeline/secret-reference.ts';
import type { PipelineSettings } from '../../core/pipeline/settings.ts';
import { addressOf, isWithin, rangeOf } from '../network/cidr.ts';
import type { PipelineDeployment } from './deployment.ts';

const DAY_MILLISECONDS = 86_400_000;

/** The files of authorities that the settings name, by the places of their servers (`source.rootDatabase`). */
export function authorityFiles(settings: PipelineSettings): ReadonlyMap<string, string> {
  const files = serversOf(settings).flatMap(({ path, tls }) =>
    tls.mode === 'verify' && tls.ca !== null ? [[path.join('.'), tls.ca] as const] : [],
  );
  return new Map(files);
}

/** Pure: what is good on one machine but not on AWS. `bucketDays`: when the bucket removes extracts; null: a bucket of the user's. */
export function awsProblems(
  settings: PipelineSettings,
  deployment: PipelineDeployment,
  bucketDays: number | null,
): Problem[] {
  return [
    ...scheduleProblems(settings, deployment),
    ...verificationProblems(settings),
    ...alertProblems(settings),
    ...retentionProblems(settings, bucketDays),
    ...passwordProblems(settings),
    ...addressesOf(settings).flatMap((server) => reachProblems(server, deployment.reachable)),
  ];
}

const MINUTE = 60_000;

/** What a schedule cannot be on AWS, or not with this deployment. */
function scheduleProblems({ schedule, restoreOnStartup }: PipelineSettings, deployment: PipelineDeployment): Problem[] {
  const problems: Problem[] = [];
  if (!restoreOnStartup) {
    const message = 'expected true, found false: on AWS tasks are started anew at any time, and would switch it off';
    problems.push({ path: ['schedule', 'restoreOnStartup'], message });
  }
  if (schedule.tag === 'automatic') return problems;
  const refuse = (why: string): void => {
    problems.push({ path: ['schedule', 'type'], message: `expected automatic, found ${schedule.tag}: ${why}` });
  };
  if (deployment.reader === 'external') refuse('an external reader follows without a pause');
  if (deployment.highAvailability)
    refuse('highAvailability is for a reader that stands, and there is none between runs');
  if (schedule.tag === 'periodic' && schedule.every < MINUTE) {
    const message = `expected at least a minute, found ${schedule.every / 1000} seconds: on AWS due times are looked at once a minute`;
    problems.push({ path: ['schedule', 'every'], message });
  }
  return problems;
}

/** Nothing on AWS compares by itself. */
function verificationProblems({ verify, pipeline }: PipelineSettings): Problem[] {
  if (!verify.continuous) return [];
  const message = `expected false, found true: on AWS tables are compared by executions of penstock-${pipeline}-verify, which EventBridge Scheduler may start`;
  return [{ path: ['verify', 'continuous'], message }];
}

/** A deployment has ways of its own to tell people. */
function alertProblems({ email, aws }: PipelineSettings): Problem[] {
  const problems: Problem[] = [];
  if (email !== null) {
    const message = 'expected none on AWS, where alarms are published to a topic; name the addresses in alarmEmails';
    problems.push({ path: ['email'], message });
  }
  if (aws !== null) {
    const message = 'expected none on AWS, where events, metrics and alarms are sent by roles of the deployment';
    problems.push({ path: ['aws'], message });
  }
  return problems;
}

/** A bucket asks nobody whether an extract is still to be kept. */
function retentionProblems({ extracts }: PipelineSettings, bucketDays: number | null): Problem[] {
  const days = Math.round(extracts.retentionMilliseconds / DAY_MILLISECONDS);
  if (bucketDays === null || days <= bucketDays) return [];
  const message = `expected at most ${bucketDays}, found ${days}: the bucket removes extracts then; raise data.extractRetentionDays of the deployment`;
  return [{ path: ['extracts', 'retentionDays'], message }];
}

function passwordProblems({ source, destination }: PipelineSettings): Problem[] {
  const message = 'expected { secret: name, field: password }: on AWS passwords are in Secrets Manager';
  const references: readonly FoundReference[] = [
    { path: ['source', 'password'], reference: source.password },
    ...secretReferencesIn(source.specific, ['source']),
    { path: ['destination', 'password'], reference: destination.password },
  ];
  return references.filter(({ reference }) => reference.tag !== 'secret').map(({ path }) => ({ path, message }));
}

/**
 * The databases that tasks and functions on AWS connect to: both ends, also where the reader is an external one, because functions
 * plan copies, apply structures and check both ends; and those that the source names beside its own.
 */
function serversOf({ source, destination }: PipelineSettings): NamedServer[] {
  return [...namedServers(source.specific, ['source']), ...namedServers(destination, ['destination'])];
}

/** What a task connects to: a server, or the proxy before it. */
interface Address {
  readonly host: string;
  /** Null: it is asked for at the server. */
  readonly port: number | null;
  /** Where the settings name them. */
  readonly places: { readonly host: readonly string[]; readonly port: readonly string[] };
}

function addressOfServer({ path, host, port, via }: NamedServer): Address {
  if (via === null) return { host, port, places: { host: [...path, 'host'], port: [...path, 'port'] } };
  const place = (setting: string) => [...path.slice(0, 1), ...setting.split('.')];
  const places = { host: place(via.settings.host), port: place(via.settings.port) };
  return { host: via.host, port: via.port, places };
}

/** Each address once: what a server beside the source has from it is wrong in one place. */
function addressesOf(settings: PipelineSettings): Address[] {
  const all = serversOf(settings).map(addressOfServer);
  return all.filter(
    ({ host, port, places }, index) =>
      all.findIndex(
        (other) => other.places.host[0] === places.host[0] && other.host === host && other.port === port,
      ) === index,
  );
}

function reachProblems({ host, port, places }: Address, reachable: PipelineDeployment['reachable']): Problem[] {
  if (/^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host)) {
    return [{ path: places.host, message: `${host} is the task itself on AWS; name the server` }];
  }
  if (port === null) {
    return [{ path: places.port, message: 'must be given on AWS: the network lets through the ports that are named' }];
  }
  const address = addressOf(host);
  const fits = reachable.some(
    (entry) =>
      entry.port === port && (address === null || isWithin({ first: address, last: address }, rangeOf(entry.cidr))),
  );
  if (fits) return [];
  const expected = address === null ? `port ${port}` : `${host} and port ${port}`;
  return [
    {
      path: address === null ? places.port : places.host,
      message: `the deployment's \`reachable\` has no entry with ${expected}: the network would not let the connection through`,
    },
  ];
}
