import { PenstockError } from '../../../core/errors/penstock-error.ts';
import { refuseCollisions, targetPlace } from '../../../core/destinations/target-naming.ts';
import { SECTIONS } from '../../../core/pipeline/checked-settings.ts';
import { readConfigurationText } from '../../../core/pipeline/configuration-text.ts';
import { parseSettings } from '../../../core/pipeline/parse-settings.ts';
import type { PipelineSettings } from '../../../core/pipeline/settings.ts';
import type { ConfigurationText } from '../console-host.ts';
import type { Configuration, SectionName } from '../schemas/configuration.ts';

export type Mapping = Readonly<Record<string, unknown>>;
export type ConfigurationProblem = Configuration['problems'][number];

/** A configuration file as far as it can be understood. */
export interface ParsedConfiguration {
  readonly source: ConfigurationText;
  /** As it is written; empty where the file is no mapping. */
  readonly raw: Mapping;
  /** Null: it cannot be worked with, see `problems`. */
  readonly settings: PipelineSettings | null;
  readonly problems: readonly ConfigurationProblem[];
}

/** A large configuration takes long to parse, and is asked for with every look. */
const REMEMBERED = 20;
const parsedByVersion = new Map<string, ParsedConfiguration>();

export function parsedConfiguration(source: ConfigurationText): ParsedConfiguration {
  const name = `${source.version} ${source.file}`;
  const known = parsedByVersion.get(name);
  if (known !== undefined) return known;
  const parsed = parse(source);
  if (parsedByVersion.size >= REMEMBERED) parsedByVersion.delete(parsedByVersion.keys().next().value ?? '');
  parsedByVersion.set(name, parsed);
  return parsed;
}

function parse(source: ConfigurationText): ParsedConfiguration {
  const read = readConfigurationText(source.text);
  const raw = read.tag === 'text' && isMapping(read.text.value) ? read.text.value : {};
  const parsed = parseSettings(source.text, source.file, SECTIONS);
  if (parsed.tag === 'problems') {
    const problems = parsed.problems.map(({ path, message, line, column }) => ({
      path: [...path],
      message,
      line,
      column,
    }));
    return { source, raw, settings: null, problems };
  }
  const collision = collisionOf(parsed.settings);
  if (collision === null) return { source, raw, settings: parsed.settings, problems: [] };
  return { source, raw, settings: null, problems: [{ path: ['tables'], message: collision, line: 1, column: 1 }] };
}

function collisionOf(settings: PipelineSettings): string | null {
  try {
    refuseCollisions(settings.tables.map(({ table }) => targetPlace(settings, table)));
    return null;
  } catch (error) {
    if (error instanceof PenstockError) return error.message;
    throw error;
  }
}

/** The settings where the configuration is complete. @throws PenstockError PS1001 with everything that is wrong */
export function completeSettings({ settings, problems, source }: ParsedConfiguration): PipelineSettings {
  if (settings !== null) return settings;
  const first = problems.slice(0, 5).map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new PenstockError('PS1001', `${source.file}\n${first.join('\n')}`, {
    remedy: 'Finish the set-up: source, destination and tables.',
  });
}

/** The section whose change mends a problem; null: no section's. */
export function sectionOf(path: readonly (string | number)[]): SectionName | 'tables' | null {
  const name = path[0];
  if (name === 'consistency' || name === 'misfits') return 'policies';
  return OWN_SECTIONS.find((section) => section === name) ?? null;
}

const OWN_SECTIONS = [
  ...(['source', 'destination', 'schedule', 'history', 'extracts', 'structure', 'tables'] as const),
  ...(['email', 'aws', 'awsProxy'] as const),
];

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function mappingAt(value: Mapping, name: string): Mapping | null {
  const found = value[name];
  return isMapping(found) ? found : null;
}
