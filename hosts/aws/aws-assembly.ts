import { connectParts, type Parts } from '../../core/operations/connect-parts.ts';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { PipelineSettings } from '../../core/pipeline/settings.ts';
import type { AwsHost } from './aws-host.ts';
import { deployedSettings } from './deployed-settings.ts';

/** A deployed pipeline's settings and both ends; disposing of it closes all connections to them, and leaves the host open. */
export interface AwsAssembly extends Parts {
  readonly settings: PipelineSettings;
  readonly host: AwsHost;
}

/** Reads the settings; connects to nothing else yet. @throws PenstockError PS1001, PS1003, PS3003 */
export async function assembleAws(host: AwsHost): Promise<AwsAssembly> {
  const { clients, deployed } = host;
  const settings = await deployedSettings(clients.s3, deployed.settings);
  if (settings.pipeline !== deployed.pipeline) {
    throw new PenstockError(
      'PS1001',
      `the settings are of ${settings.pipeline}, but PENSTOCK_PIPELINE is ${deployed.pipeline}`,
      {
        remedy: 'The deployment sets both: deploy it again.',
      },
    );
  }
  return { settings, host, ...(await connectParts(settings, host)) };
}
