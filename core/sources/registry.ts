import { mysqlSource } from './mysql/definition.ts';
import { postgresSource } from './postgres/definition.ts';
import type { SourceConnector } from './source-connector.ts';
import type { ConnectorContext, SourceDefinition } from './source-definition.ts';

/** A kind of source, its settings' type closed over: they are parsed and connected in one place. */
export interface RegisteredSource {
  readonly type: string;
  readonly label: string;
  readonly settings: SourceDefinition<unknown>['settings'];
  /** `settings` is what this source's own schema gave. @throws ZodError where it is not */
  connect(settings: unknown, context: ConnectorContext): SourceConnector;
}

function registered<Settings>(source: SourceDefinition<Settings>): RegisteredSource {
  return {
    type: source.type,
    label: source.label,
    settings: source.settings,
    connect: (settings, context) => source.connect(settings as Settings, context),
  };
}

/** Adding a source means adding its folder and one line here, once the contract passes: `sqlserver` is not there yet. */
export const SOURCES: readonly RegisteredSource[] = [registered(postgresSource), registered(mysqlSource)];

export function sourceOfType(type: string): RegisteredSource | null {
  return SOURCES.find((source) => source.type === type) ?? null;
}
