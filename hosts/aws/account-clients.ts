import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { SNSClient } from '@aws-sdk/client-sns';
import type { Secrets } from '../../core/host/host.ts';
import type { AwsProxySettings, AwsSettings } from '../../core/pipeline/aws-settings.ts';

/** How one machine reaches an AWS account. */
export interface AccountClients extends Disposable {
  readonly sns: SNSClient;
  readonly logs: CloudWatchLogsClient;
  readonly metrics: CloudWatchClient;
}

const CONNECT_MILLISECONDS = 5000;
const ANSWER_MILLISECONDS = 10_000;

/**
 * By the key of the settings, or the credentials of this machine as the SDK finds them; through the proxy, where there is one.
 * @throws PenstockError PS1002 where a secret is not there
 */
export async function accountClients(settings: AwsSettings, secrets: Secrets): Promise<AccountClients> {
  const { region, key, proxy } = settings;
  const credentials =
    key === null ? {} : { credentials: { accessKeyId: key.id, secretAccessKey: await secrets.read(key.secret) } };
  const agents = proxy === null ? {} : await proxyAgents(proxy, secrets);
  const requestHandler = {
    ...{ connectionTimeout: CONNECT_MILLISECONDS, requestTimeout: ANSWER_MILLISECONDS, throwOnRequestTimeout: true },
    ...agents,
  };
  const common = { region, ...credentials, requestHandler, maxAttempts: 3 };
  const clients = {
    sns: new SNSClient(common),
    logs: new CloudWatchLogsClient(common),
    metrics: new CloudWatchClient(common),
  };
  return {
    ...clients,
    [Symbol.dispose]() {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}

async function proxyAgents(
  { host, port, login }: AwsProxySettings,
  secrets: Secrets,
): Promise<{ httpAgent: HttpAgent; httpsAgent: HttpsAgent }> {
  const url = new URL(`http://${host}:${port}`);
  if (login !== null) {
    url.username = encodeURIComponent(login.user);
    url.password = encodeURIComponent(await secrets.read(login.password));
  }
  const proxyEnv = { HTTP_PROXY: url.href, HTTPS_PROXY: url.href };
  return {
    httpAgent: new HttpAgent({ keepAlive: true, proxyEnv }),
    httpsAgent: new HttpsAgent({ keepAlive: true, proxyEnv }),
  };
}
