import type * as z from 'zod';
import { candidateReports, candidateSettings } from '../configuration/candidate-settings.ts';
import { configurationView } from '../configuration/configuration-view.ts';
import { mappingAt, parsedConfiguration } from '../configuration/parsed-configuration.ts';
import { saveSection } from '../configuration/save-section.ts';
import { placedPasswords, placesOf } from '../configuration/secret-places.ts';
import { configurationSchemasView } from '../configuration/schemas-view.ts';
import type { AlertsDesk, ConsoleHost, ConsoleInstance } from '../console-host.ts';
import { ApiError, notFound } from '../problems/api-error.ts';
import { sectionName, type configurationEndpoints, type testRequest } from '../schemas/configuration.ts';
import type { Finding, TestAnswer } from '../schemas/values.ts';
import { findInstance } from './find-instance.ts';
import type { HandlersOf } from './handler.ts';

export function configurationRoutes(console: ConsoleHost): HandlersOf<keyof typeof configurationEndpoints> {
  const test = async (
    instance: ConsoleInstance,
    section: 'source' | 'destination',
    { body, signal }: { body: z.output<typeof testRequest>; signal: AbortSignal },
  ): Promise<TestAnswer> => {
    const parsed = parsedConfiguration(await instance.configuration.read());
    const type = (body.value ?? mappingAt(parsed.raw, section))?.['type'];
    const passwords = placedPasswords(section, type, body);
    const settings = candidateSettings(parsed, section, { value: body.value, passwords });
    const findings = await instance[section].test(settings, passwords, signal);
    return answerOf(findings);
  };
  const tellingInstance = async (
    parameters: Parameters<typeof findInstance>[1],
  ): Promise<{ alerts: AlertsDesk; configuration: ConsoleInstance['configuration'] }> => {
    const { alerts, configuration } = await findInstance(console, parameters);
    if (alerts !== null) return { alerts, configuration };
    throw new ApiError(403, 'people are told by the deployment', { remedy: 'Name the addresses in the deployment.' });
  };
  return {
    'GET /configuration-schemas': () => Promise.resolve(configurationSchemasView()),
    'GET /instances/{name}/configuration': async ({ parameters }) =>
      configurationView(await findInstance(console, parameters), console.canConfigure),
    'PUT /instances/{name}/configuration/{section}': async ({ parameters, body, note }) => {
      const instance = await findInstance(console, parameters);
      const named = sectionName.safeParse(parameters.section);
      if (!named.success) throw notFound(`section ${parameters.section}`);
      const { value, version } = body;
      const passwords = placedPasswords(named.data, value['type'], body);
      const told = placesOf(passwords).map((place) => (place === named.data ? 'a new password' : `that of ${place}`));
      note([...Object.keys(value), ...told].join(', '));
      await saveSection(instance, { section: named.data, value, passwords, version });
      return configurationView(instance, console.canConfigure);
    },
    'POST /instances/{name}/source/test': async ({ parameters, body, signal }) =>
      test(await findInstance(console, parameters), 'source', { body, signal }),
    'POST /instances/{name}/destination/test': async ({ parameters, body, signal }) =>
      test(await findInstance(console, parameters), 'destination', { body, signal }),
    'POST /instances/{name}/email/test': async ({ parameters, body }) => {
      const { alerts, configuration } = await tellingInstance(parameters);
      const { email } = candidateReports(parsedConfiguration(await configuration.read()), 'email', body);
      return answerOf(email === null ? [] : await alerts.testEmail(email, body.password));
    },
    'POST /instances/{name}/aws/test': async ({ parameters, body }) => {
      const { alerts, configuration } = await tellingInstance(parameters);
      const { aws } = candidateReports(parsedConfiguration(await configuration.read()), 'aws', body);
      return answerOf(aws === null ? [] : await alerts.testAws(aws, body.password));
    },
  };
}

function answerOf(findings: readonly Finding[]): TestAnswer {
  const success = findings.every(({ severity }) => severity !== 'error');
  return { success, findings: findings.map((finding) => ({ ...finding })) };
}
