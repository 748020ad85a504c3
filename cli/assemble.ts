import type { Log } from '../core/host/host.ts';
import { connectParts, type Parts } from '../core/operations/connect-parts.ts';
import type { PipelineSettings } from '../core/pipeline/settings.ts';
import type { ConnectSource } from '../core/sources/registry.ts';
import { EventReports } from '../hosts/local/event-reports.ts';
import { createLocalHost, type LocalHost } from '../hosts/local/local-host.ts';

/** A pipeline's parts on this machine; disposing of it closes all connections. */
export interface Assembly extends Parts {
  readonly settings: PipelineSettings;
  readonly host: LocalHost;
  /** What tells people of the events; ends with the rest. */
  readonly reports: EventReports;
}

export interface AssemblyOptions {
  /** Where secrets and failpoints are found; the process's own by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Instead of the host's own lines on stderr. */
  readonly log?: Log;
  /** Another way to the source than the registry's. */
  readonly connectSource?: ConnectSource;
}

/**
 * Host, source and destination for these settings. Connects to nothing yet, but makes the state directory.
 * @throws PenstockError PS3006 where the state directory is not this pipeline's
 */
export async function assemble(settings: PipelineSettings, options: AssemblyOptions = {}): Promise<Assembly> {
  const { connectSource, ...given } = options;
  await using opened = new AsyncDisposableStack();
  const host = opened.use(await createLocalHost({ environment: process.env, state: settings.state, ...given }));
  const reports = opened.use(new EventReports(host, () => Promise.resolve(settings)));
  const { source, destination } = opened.use(await connectParts(settings, host, connectSource));
  const owned = opened.move();
  return { settings, host, reports, source, destination, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
