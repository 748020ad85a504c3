import { createHash } from 'node:crypto';
import { ApiError } from '../problems/api-error.ts';
import type { ConfigurationText, Passwords } from '../console-host.ts';
import type { PipelineSettings } from '../../../core/pipeline/settings.ts';
import { mappingAt, parsedConfiguration, sectionOf, type Mapping } from './parsed-configuration.ts';
import { databasesBeside } from './secret-places.ts';
import { withoutNames } from './without-names.ts';

const PASSWORD = { env: 'PENSTOCK_STANDS_IN' };
/** What stands in for sections that are not set up yet, so that the other one can be tested; nobody connects to it. */
const STAND_INS: Mapping = {
  source: { type: 'postgres', host: 'stands-in', database: 'x', user: 'x', password: PASSWORD, tls: { mode: 'off' } },
  destination: {
    type: 'singlestore',
    host: 'stands-in',
    database: 'x',
    user: 'x',
    password: PASSWORD,
    tls: { mode: 'off' },
  },
  tables: [{ name: 'stands.in' }],
};

export function versionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/**
 * Settings to test one section by, however incomplete the rest is; `tables` is empty where they cannot be used.
 * `given`: stands in for the saved section. Passwords that will be given by hand, by their places, need none in the file.
 * @throws ApiError 422 with what is wrong in the section itself
 */
export function candidateSettings(
  configuration: { readonly raw: Mapping; readonly source: ConfigurationText },
  section: 'source' | 'destination',
  given: { readonly value?: Mapping | undefined; readonly passwords?: Passwords },
): PipelineSettings {
  const { raw, source } = configuration;
  const { passwords = {} } = given;
  const saved = mappingAt(raw, section);
  const own = withPassword(given.value ?? saved ?? {}, saved, passwords[section]);
  const beside = (section === 'source' ? databasesBeside(own['type']) : []).flatMap((name) => {
    const database = mappingAt(own, name);
    if (database === null) return [];
    return [[name, withPassword(database, mappingAt(saved ?? {}, name), passwords[`source.${name}`])] as const];
  });
  const candidate = { ...own, ...Object.fromEntries(beside) };
  const whole = parsed({ ...raw, [section]: candidate }, source.file);
  if (whole.settings !== null) return whole.settings;
  const problems = whole.problems.filter(({ path }) => sectionOf(path) === section);
  if (problems.length > 0) {
    throw new ApiError(422, `${section} cannot be tested like this`, {
      problems: problems.map(({ path, message }) => ({ path: [...path], message })),
      remedy: 'Correct the settings that are named.',
    });
  }
  const pipeline = raw['pipeline'];
  const tables = parsed({ pipeline, ...STAND_INS, [section]: candidate, tables: raw['tables'] }, source.file);
  if (tables.settings !== null) return tables.settings;
  const alone = parsed({ pipeline, ...STAND_INS, [section]: candidate }, source.file);
  if (alone.settings === null)
    throw new ApiError(409, 'the file is not one of settings', { remedy: 'Mend it in an editor first.' });
  return { ...alone.settings, tables: [] };
}

/** With the password that is saved, or what stands in for one that is given by hand. */
function withPassword(value: Mapping, saved: Mapping | null, given: string | undefined): Mapping {
  const password = given === undefined ? saved?.['password'] : PASSWORD;
  return { ...withoutNames(value, ['password']), ...(password === undefined ? {} : { password }) };
}

/**
 * Settings that say who is told what, to test one section of them, however incomplete the rest is. `given`: stands in for the saved section.
 * @throws ApiError 422 with what is wrong in the section itself
 */
export function candidateReports(
  { raw, source }: { readonly raw: Mapping; readonly source: ConfigurationText },
  section: 'email' | 'aws',
  given: { readonly value?: Mapping | undefined; readonly password?: string | undefined },
): Pick<PipelineSettings, 'email' | 'aws'> {
  const saved = mappingAt(raw, section);
  const candidate = withPassword(given.value ?? saved ?? {}, saved, given.password);
  const proxy = raw['awsProxy'] === undefined ? {} : { awsProxy: raw['awsProxy'] };
  const whole = { pipeline: raw['pipeline'], ...STAND_INS, ...proxy, [section]: candidate };
  const { settings, problems } = parsed(whole, source.file);
  if (settings !== null) return settings;
  throw new ApiError(422, `${section} cannot be tested like this`, {
    problems: problems.map(({ path, message }) => ({ path: [...path], message })),
    remedy: 'Correct the settings that are named.',
  });
}

function parsed(value: Mapping, file: string): ReturnType<typeof parsedConfiguration> {
  const text = JSON.stringify(value);
  return parsedConfiguration({ text, file, version: versionOf(text) });
}
