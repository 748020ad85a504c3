import { connectSingleStore } from '../core/destinations/singlestore/singlestore-destination.ts';
import type { Destination } from '../core/destinations/destination.ts';
import { PenstockError } from '../core/errors/penstock-error.ts';
import type { Host, Log } from '../core/host/host.ts';
import { tableSettings } from '../core/operations/pipeline-tables.ts';
import type { PipelineSettings } from '../core/pipeline/settings.ts';
import { sourceOfType } from '../core/sources/registry.ts';
import type { SourceConnector } from '../core/sources/source-connector.ts';
import { createLocalHost } from '../hosts/local/local-host.ts';

/** A pipeline's parts on this machine; disposing of it closes all connections. */
export interface Assembly extends AsyncDisposable {
  readonly settings: PipelineSettings;
  readonly host: Host;
  readonly source: SourceConnector;
  readonly destination: Destination;
}

export interface AssemblyOptions {
  /** Where secrets and failpoints are found; the process's own by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Instead of the host's own lines on stderr. */
  readonly log?: Log;
}

/**
 * Host, source and destination for these settings. Connects to nothing yet, but makes the state directory.
 * @throws PenstockError PS3006 where the state directory is not this pipeline's
 */
export async function assemble(settings: PipelineSettings, options: AssemblyOptions = {}): Promise<Assembly> {
  const definition = sourceOfType(settings.source.type);
  if (definition === null) {
    throw new PenstockError('PS1001', `source.type ${settings.source.type} is not a kind of source`);
  }
  const host = await createLocalHost({ environment: process.env, state: settings.state, ...options });
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
    settings,
    host,
    source,
    destination,
    async [Symbol.asyncDispose]() {
      // The host goes last, and goes although a connection cannot be closed.
      const ended = await Promise.allSettled([source[Symbol.asyncDispose](), destination[Symbol.asyncDispose]()]);
      await host[Symbol.asyncDispose]();
      const failure = ended.find((end) => end.status === 'rejected');
      if (failure !== undefined) throw failure.reason;
    },
  };
}
