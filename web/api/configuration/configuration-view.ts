import { dirname, resolve } from 'node:path';
import { secretReference } from '../../../core/pipeline/secret-reference.ts';
import type { ConsoleInstance } from '../console-host.ts';
import {
  hasSecret,
  SECTION_NAMES,
  type Configuration,
  type Section,
  type SectionName,
} from '../schemas/configuration.ts';
import { writtenSection } from './edit-section.ts';
import { mappingAt, parsedConfiguration, type Mapping, type ParsedConfiguration } from './parsed-configuration.ts';
import { databasesBeside } from './secret-places.ts';

/** The configuration as the pages see it: no answer holds a password. */
export async function configurationView(
  instance: Pick<ConsoleInstance, 'configuration'>,
  writable: boolean,
): Promise<Configuration> {
  const parsed = parsedConfiguration(await instance.configuration.read());
  const views = SECTION_NAMES.map(async (name) => [name, await sectionView(instance, parsed, name)] as const);
  const { tables } = parsed.raw;
  return {
    version: parsed.source.version,
    place: parsed.source.file,
    writable,
    complete: parsed.settings !== null,
    sections: Object.fromEntries(await Promise.all(views)) as Configuration['sections'],
    tables: Array.isArray(tables) ? tables.length : 0,
    problems: parsed.problems.map((problem) => ({ ...problem })),
  };
}

async function sectionView(
  { configuration }: Pick<ConsoleInstance, 'configuration'>,
  { raw, settings, source }: ParsedConfiguration,
  name: SectionName,
): Promise<Section> {
  const value = writtenSection(raw, name);
  if (!hasSecret(name)) return { value, password: null, passwords: {} };
  // Complete settings have absolute paths; those of the file are relative to it.
  const complete = name === 'source' || name === 'destination' ? settings?.[name].password : undefined;
  const known = complete ?? referenceIn(mappingAt(raw, name)?.['password'], source.file);
  const presence = async (reference: typeof known) =>
    reference !== null && (await configuration.hasPassword(reference)) ? 'set' : 'missing';
  const beside = Object.entries(name === 'source' ? databasesIn(raw) : {}).map(
    async ([database, written]) => [database, await presence(referenceIn(written, source.file))] as const,
  );
  return { value, password: await presence(known), passwords: Object.fromEntries(await Promise.all(beside)) };
}

/** What stands as the passwords of databases that the source names beside itself. */
function databasesIn(raw: Mapping): Readonly<Record<string, unknown>> {
  const source = mappingAt(raw, 'source') ?? {};
  const written = databasesBeside(source['type']).map((name) => [name, mappingAt(source, name)?.['password']] as const);
  return Object.fromEntries(written);
}

function referenceIn(value: unknown, file: string): ReturnType<typeof secretReference.parse> | null {
  const parsed = secretReference.safeParse(value);
  if (!parsed.success) return null;
  if (parsed.data.tag !== 'file') return parsed.data;
  return { ...parsed.data, path: resolve(dirname(file), parsed.data.path) };
}
