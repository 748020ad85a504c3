import type { Destination } from '../destinations/destination.ts';
import { connectSingleStore } from '../destinations/singlestore/singlestore-destination.ts';
import { emitLogfile } from '../events/flow-events.ts';
import type { Host } from '../host/host.ts';
import type { PipelineSettings } from '../pipeline/settings.ts';
import { connectSource, type ConnectSource } from '../sources/registry.ts';
import type { SourceConnector } from '../sources/source-connector.ts';
import { tableSettings } from './pipeline-tables.ts';

/** A pipeline's two ends; disposing of them closes all their connections. */
export interface Parts extends AsyncDisposable {
  readonly source: SourceConnector;
  readonly destination: Destination;
}

/**
 * The source and the destination that the settings name, on any host. Connects to nothing yet. `connect`: another way to the source, for tests.
 * @throws PenstockError PS1001
 */
export async function connectParts(
  settings: PipelineSettings,
  host: Host,
  connect: ConnectSource = connectSource,
): Promise<Parts> {
  const source = await connect(settings.source.type, settings.source.specific, {
    pipeline: settings.pipeline,
    password: () => host.secrets.read(settings.source.password),
    secret: (reference) => host.secrets.read(reference),
    extractThreads: settings.source.extractThreads,
    misfits: (table) => tableSettings(settings, table).misfits,
    clock: host.clock,
    randomness: host.randomness,
    log: host.log,
    scratch: host.scratch,
    logfileProcessed: (file) => emitLogfile(host, settings.pipeline, file),
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
