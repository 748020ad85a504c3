import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { PublishCommand } from '@aws-sdk/client-sns';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { Clock, Secrets } from '../../core/host/host.ts';
import type { AwsSettings } from '../../core/pipeline/aws-settings.ts';
import { error, ok, warning } from '../../core/sources/finding.ts';
import type { Finding } from '../../core/sources/source-connector.ts';
import { accountClients } from './account-clients.ts';

const REMEDIES = {
  topic: 'Make the topic, and give the credentials the right sns:Publish on it.',
  logs: 'Make the log group and the stream, and give the credentials the right logs:PutLogEvents on it.',
  metrics: 'Give the credentials the right cloudwatch:PutMetricData.',
} as const;

/** Sends a message, a line and a number that say they are a test to what is set up. What is wrong is a finding. */
export async function testAccount(
  settings: AwsSettings,
  { secrets, clock }: { readonly secrets: Secrets; readonly clock: Clock },
  pipeline: string,
): Promise<Finding[]> {
  const { topic, logs, metrics } = settings;
  const said = `This is a test of the pipeline ${pipeline}.`;
  try {
    using clients = await accountClients(settings, secrets);
    const tests: Promise<Finding>[] = [];
    if (topic !== null) {
      const message = { TopicArn: topic, Subject: `Penstock ${pipeline}: a test`, Message: said };
      tests.push(found('topic', topic, clients.sns.send(new PublishCommand(message))));
    }
    if (logs !== null) {
      const { group, stream } = logs;
      const logEvents = [
        { timestamp: clock.now(), message: JSON.stringify({ type: 'Test', pipeline, message: said }) },
      ];
      const put = new PutLogEventsCommand({ logGroupName: group, logStreamName: stream, logEvents });
      tests.push(found('logs', `${group}, ${stream}`, clients.logs.send(put)));
    }
    if (metrics !== null) {
      const Dimensions = [{ Name: 'Pipeline', Value: pipeline }];
      const MetricData = [{ MetricName: 'Tests', Dimensions, Timestamp: new Date(clock.now()), Value: 1 }];
      const put = new PutMetricDataCommand({ Namespace: metrics, MetricData });
      tests.push(found('metrics', metrics, clients.metrics.send(put)));
    }
    if (tests.length > 0) return await Promise.all(tests);
    return [
      warning('aws.nothing', 'nothing is sent to AWS', 'Name a topic, a log group with a stream, or a namespace.'),
    ];
  } catch (failure) {
    if (!(failure instanceof PenstockError)) throw failure;
    return [error('aws.secret', failure.message, failure.remedy)];
  }
}

async function found(what: keyof typeof REMEDIES, name: string, sent: Promise<unknown>): Promise<Finding> {
  try {
    await sent;
    return ok(`aws.${what}`, `${name} took a test`);
  } catch (failure) {
    const reason = failure instanceof Error ? `${failure.name}: ${failure.message}` : String(failure);
    return error(`aws.${what}`, `${name}: ${reason}`, REMEDIES[what]);
  }
}
