import { dirname, resolve } from 'node:path';
import { PenstockError } from '../errors/penstock-error.ts';
import { configurationSchema, type Configuration, type TableEntry } from './configuration-schema.ts';
import { problemsOf, problemText, type Problem } from './configuration-problem.ts';
import { readConfigurationText, type ConfigurationPath, type TextPlace } from './configuration-text.ts';
import { awsSettings } from './aws-settings.ts';
import { emailSettings } from './email-settings.ts';
import { scheduleOf } from './schedule-settings.ts';
import { knownNames, parseDestination, parseSource, type Sections } from './sections.ts';
import type { ExtractSettings, PipelineSettings, TableSettings } from './settings.ts';
import { tableProblems } from './table-rules.ts';

/** A problem with its place in the text. */
export type PlacedProblem = Problem & TextPlace;

export type ParsedSettings =
  | { readonly tag: 'settings'; readonly settings: PipelineSettings }
  | { readonly tag: 'problems'; readonly problems: readonly PlacedProblem[] };

/**
 * The text of a configuration file as settings, with every default filled in, or everything that is wrong with it.
 * `file`: its absolute path; relative paths in it are relative to its directory.
 */
export function parseSettings(text: string, file: string, sections: Sections): ParsedSettings {
  const read = readConfigurationText(text);
  if (read.tag === 'syntax') {
    const problems = read.problems.map((problem) => ({ ...problem, path: [] }));
    return { tag: 'problems', problems };
  }
  const directory = dirname(file);
  const value = withAbsolutePaths(read.text.value, directory);
  const root = configurationSchema.safeParse(value, { reportInput: true });
  const known = knownNames(sections, value);
  const problems = root.success ? tableProblems(root.data) : problemsOf(root.error, value, [], known);
  const source = parseSource(value, sections, known);
  const destination = parseDestination(value, sections, known);
  problems.push(...source.problems, ...destination.problems);
  if (!root.success || destination.settings === null || problems.length > 0) {
    const placed = problems.map((problem) => ({ ...problem, ...read.text.place(problem.path) }));
    return { tag: 'problems', problems: placed.sort((a, b) => a.line - b.line || a.column - b.column) };
  }
  const configuration = root.data;
  const { type, password, extractThreads } = configuration.source;
  return {
    tag: 'settings',
    settings: {
      pipeline: configuration.pipeline,
      source: { type, password, extractThreads, specific: source.specific },
      destination: destination.settings,
      tables: configuration.tables.map((table) => tableSettings(table, configuration)),
      extracts: extractSettings(configuration.extracts),
      history: configuration.history,
      events: configuration.events,
      schedule: scheduleOf(configuration.schedule),
      verify: {
        continuous: configuration.verify.continuous,
        share: configuration.verify.share,
        milliseconds: configuration.verify.everyHours * 3600_000,
      },
      restoreOnStartup: configuration.schedule.restoreOnStartup,
      consistency: configuration.consistency,
      misfits: configuration.misfits,
      email: configuration.email === undefined ? null : emailSettings(configuration.email),
      aws: configuration.aws === undefined ? null : awsSettings(configuration.aws, configuration.awsProxy),
      state: resolve(directory, configuration.state),
    },
  };
}

/** The problems as one error. Each line: place, path, what was expected and what stood there. */
export function configurationError(file: string, problems: readonly PlacedProblem[]): PenstockError {
  const lines = problems.map((problem) => `  ${problemText(problem)}`);
  return new PenstockError('PS1001', `${file}\n${lines.join('\n')}`, {
    remedy: 'Correct the settings above; docs/configuration.md lists them all.',
  });
}

const DAY_MILLISECONDS = 86_400_000;
/** So many times as long as its files an extract is listed: the source's log may reach further back than they do. */
const LISTED_FACTOR = 10;

function extractSettings({ seconds, retentionDays, ...rest }: Configuration['extracts']): ExtractSettings {
  return {
    ...rest,
    milliseconds: Math.round(seconds * 1000),
    retentionMilliseconds: retentionDays * DAY_MILLISECONDS,
    listedMilliseconds: LISTED_FACTOR * retentionDays * DAY_MILLISECONDS,
  };
}

function tableSettings(entry: TableEntry, { history, misfits, structure }: Configuration): TableSettings {
  const { name, ...options } = entry;
  return {
    ...options,
    table: name,
    transfer: entry.transfer ?? (history.keepByDefault ? 'history' : 'mirror'),
    misfits: entry.misfits ?? misfits,
    structure: { ...structure, ...entry.structure },
  };
}

/** Files that settings name, whatever the source: their paths are relative to the configuration file. */
const FILE_SETTINGS: readonly ConfigurationPath[] = [
  ['source', 'password', 'file'],
  ['source', 'tls', 'ca'],
  ['source', 'rootDatabase', 'password', 'file'],
  ['source', 'rootDatabase', 'tls', 'ca'],
  ['source', 'miningDatabase', 'password', 'file'],
  ['source', 'miningDatabase', 'tls', 'ca'],
  ['destination', 'password', 'file'],
  ['destination', 'tls', 'ca'],
  ['email', 'password', 'file'],
  ['email', 'tls', 'ca'],
  ['aws', 'password', 'file'],
  ['awsProxy', 'password', 'file'],
];

function withAbsolutePaths(value: unknown, directory: string): unknown {
  return FILE_SETTINGS.reduce((changed, path) => withAbsolutePath(changed, path, directory), value);
}

function withAbsolutePath(value: unknown, path: ConfigurationPath, directory: string): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return typeof value === 'string' && value !== '' ? resolve(directory, value) : value;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return value;
  const mapping = value as Readonly<Record<string, unknown>>;
  return { ...mapping, [step]: withAbsolutePath(mapping[step], rest, directory) };
}
