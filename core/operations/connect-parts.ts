import type { Destination } from '../destinations/destination.ts';
import { connectSingleStore } from '../destinations/singlestore/singlestore-destination.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import type { Host } from '../host/host.ts';
import type { PipelineSettings } from '../pipeline/settings.ts';
import { sourceOfType } from '../sources/registry.ts';
import type { SourceConnector } from '../sources/source-connector.ts';
import { tableSettings } from './pipeline-tables.ts';

/** A pipeline's two ends; disposing of them closes all their connections. */
export interface Parts extends AsyncDisposable {
  readonly source: SourceConnector;
  readonly destination: Destination;
}

/** The source and the destination that the settings name, on any host. Connects to nothing yet. @throws PenstockError PS1001 */
export function connectParts(settings: PipelineSettings, host: Host): Parts {
  const definition = sourceOfType(settings.source.type);
  if (definition === null) {
    throw new PenstockError('PS1001', `source.type ${settings.source.type} is not a kind of source`);
  }
  const source = definition.connect(settings.source.specific, {
    pipeline: settings.pipeline,
    password: () => host.secrets.read(settings.source.password),
    misfits: (table) => tableSettings(settings, table).misfits,
    clock: host.clock,
    randomness: host.randomness,
    log: host.log,
  });
  const destination = connectSingleStore(settings.destination, {
    password: () => host.secrets.read(settings.destination.password),
    randomness: host.randomness,
    failpoint: host.failpoint,
  });
  return {
    source,
    destination,
    async [Symbol.asyncDispose]() {
      const ended = await Promise.allSettled([source[Symbol.asyncDispose](), destination[Symbol.asyncDispose]()]);
      const failure = ended.find((end) => end.status === 'rejected');
      if (failure !== undefined) throw failure.reason;
    },
  };
}
