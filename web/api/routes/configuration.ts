import { candidateEmail, candidateSettings } from '../configuration/candidate-settings.ts';
import { configurationView } from '../configuration/configuration-view.ts';
import { parsedConfiguration } from '../configuration/parsed-configuration.ts';
import { saveSection } from '../configuration/save-section.ts';
import { configurationSchemasView } from '../configuration/schemas-view.ts';
import type { ConsoleHost, ConsoleInstance } from '../console-host.ts';
import { ApiError, notFound } from '../problems/api-error.ts';
import { sectionName, type configurationEndpoints } from '../schemas/configuration.ts';
import type { Finding, TestAnswer } from '../schemas/values.ts';
import { findInstance } from './find-instance.ts';
import type { HandlersOf } from './handler.ts';

export function configurationRoutes(console: ConsoleHost): HandlersOf<keyof typeof configurationEndpoints> {
  const test = async (
    instance: ConsoleInstance,
    section: 'source' | 'destination',
    { body, signal }: { body: Parameters<typeof candidateSettings>[2]; signal: AbortSignal },
  ): Promise<TestAnswer> => {
    const parsed = parsedConfiguration(await instance.configuration.read());
    const settings = candidateSettings(parsed, section, body);
    const findings = await instance[section].test(settings, { [section]: body.password }, signal);
    return answerOf(findings);
  };
  return {
    'GET /configuration-schemas': () => Promise.resolve(configurationSchemasView()),
    'GET /instances/{name}/configuration': async ({ parameters }) =>
      configurationView(await findInstance(console, parameters), console.canConfigure),
    'PUT /instances/{name}/configuration/{section}': async ({ parameters, body, note }) => {
      const instance = await findInstance(console, parameters);
      const named = sectionName.safeParse(parameters.section);
      if (!named.success) throw notFound(`section ${parameters.section}`);
      const { value, password, version } = body;
      note(`${Object.keys(value).join(', ')}${password === undefined ? '' : ', a new password'}`);
      await saveSection(instance, { section: named.data, value, password, version });
      return configurationView(instance, console.canConfigure);
    },
    'POST /instances/{name}/source/test': async ({ parameters, body, signal }) =>
      test(await findInstance(console, parameters), 'source', { body, signal }),
    'POST /instances/{name}/destination/test': async ({ parameters, body, signal }) =>
      test(await findInstance(console, parameters), 'destination', { body, signal }),
    'POST /instances/{name}/email/test': async ({ parameters, body }) => {
      const instance = await findInstance(console, parameters);
      if (instance.alerts === null) {
        throw new ApiError(403, 'mail is not sent from here', { remedy: 'Name the addresses in the deployment.' });
      }
      const settings = candidateEmail(parsedConfiguration(await instance.configuration.read()), body);
      return answerOf(await instance.alerts.testEmail(settings, body.password));
    },
  };
}

function answerOf(findings: readonly Finding[]): TestAnswer {
  const success = findings.every(({ severity }) => severity !== 'error');
  return { success, findings: findings.map((finding) => ({ ...finding })) };
}
