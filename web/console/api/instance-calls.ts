import type { Configuration, ConfigurationSchemas } from '../../api/schemas/configuration.ts';
import type { Dashboard } from '../../api/schemas/dashboard.ts';
import { call } from './client.ts';
import { useLiveMode } from './live.tsx';
import { useResource, type ReadResource } from './use-resource.ts';

/** What several pages read. The keys are of the resource store. */

const POLL_SECONDS = 5;

export const dashboardKey = (name: string): string => `${name} dashboard`;
export const configurationKey = (name: string): string => `${name} configuration`;

/** Told by live events where there are some, asked for every few seconds where there are none. */
export function useDashboard(name: string): ReadResource<Dashboard> {
  const isPolled = useLiveMode() === 'polling';
  return useResource(
    dashboardKey(name),
    (signal) => call('GET /instances/{name}/dashboard', { parameters: { name }, signal }),
    isPolled ? POLL_SECONDS : null,
  );
}

export function useConfiguration(name: string): ReadResource<Configuration> {
  return useResource(configurationKey(name), (signal) =>
    call('GET /instances/{name}/configuration', { parameters: { name }, signal }),
  );
}

export function useConfigurationSchemas(): ReadResource<ConfigurationSchemas> {
  return useResource('configuration schemas', (signal) => call('GET /configuration-schemas', { signal }));
}
