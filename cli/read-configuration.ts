import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { destinationSettings } from '../core/destinations/singlestore/settings.ts';
import { refuseCollisions, targetPlace } from '../core/destinations/target-naming.ts';
import { PenstockError } from '../core/errors/penstock-error.ts';
import { parseSettings, configurationError } from '../core/pipeline/parse-settings.ts';
import type { Sections } from '../core/pipeline/sections.ts';
import type { PipelineSettings } from '../core/pipeline/settings.ts';
import { SOURCES } from '../core/sources/registry.ts';

/** Every kind of source and destination that a configuration may name. */
export const SECTIONS: Sections = { sources: SOURCES, destinations: { singlestore: destinationSettings } };

/**
 * @throws PenstockError PS1001 with everything that is wrong with the file, PS1001 where it cannot be read,
 * PS1003 where two tables would be one at the destination
 */
export async function readConfiguration(path: string): Promise<PipelineSettings> {
  const file = resolve(path);
  const parsed = parseSettings(await textOf(file), file, SECTIONS);
  if (parsed.tag === 'problems') throw configurationError(file, parsed.problems);
  const { settings } = parsed;
  refuseCollisions(settings.tables.map(({ table }) => targetPlace(settings, table)));
  return settings;
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read';
    throw new PenstockError('PS1001', `${file}: ${reason === 'ENOENT' ? 'there is no such file' : reason}`, {
      remedy: 'Name the file with --config, or make it after examples/penstock.yaml.',
      cause: error,
    });
  }
}
