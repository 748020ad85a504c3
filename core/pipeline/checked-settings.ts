import { destinationSettings } from '../destinations/singlestore/settings.ts';
import { refuseCollisions, targetPlace } from '../destinations/target-naming.ts';
import { SOURCE_KINDS } from '../sources/kinds.ts';
import { configurationError, parseSettings } from './parse-settings.ts';
import type { Sections } from './sections.ts';
import type { PipelineSettings } from './settings.ts';

/** Every kind of source and destination that a configuration may name. */
export const SECTIONS: Sections = { sources: SOURCE_KINDS, destinations: { singlestore: destinationSettings } };

/**
 * A configuration's text as settings that can be worked with, wherever the text came from.
 * `file`: the absolute path that messages name and that relative paths in it are relative to.
 * @throws PenstockError PS1001 with everything that is wrong with it, PS1003 where two tables would be one at the destination
 */
export function checkedSettings(text: string, file: string): PipelineSettings {
  const parsed = parseSettings(text, file, SECTIONS);
  if (parsed.tag === 'problems') throw configurationError(file, parsed.problems);
  const { settings } = parsed;
  refuseCollisions(settings.tables.map(({ table }) => targetPlace(settings, table)));
  return settings;
}
