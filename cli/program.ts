import { Argument, Command, CommanderError } from 'commander';
import { UsageError } from './output/error-text.ts';
import type { OptionValues, Verb } from './verb.ts';

/** What the command line asks for. */
export interface Request {
  readonly verb: Verb;
  readonly config: string;
  readonly json: boolean;
  /** As they were written; null: all. */
  readonly tables: readonly string[] | null;
  /** The verb's own options that were given. */
  readonly values: OptionValues;
}

/** `shown`: help or the version was printed, and that is all that was asked for. */
export type ParsedArguments = { readonly tag: 'request'; readonly request: Request } | { readonly tag: 'shown' };

export interface ProgramOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const DEFAULT_CONFIGURATION = 'penstock.yaml';

/** Columns; the same everywhere, so that the reference page is. */
const HELP_WIDTH = 100;

/** The command with all its verbs; `onRequest` is called by parsing. */
export function program(
  verbs: readonly Verb[],
  version: string,
  output: ProgramOutput,
  onRequest: (request: Request) => void,
): Command {
  const command = new Command('penstock')
    .description('Replicates databases into SingleStore: a full extract first, then the changes from the log.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .configureOutput({
      getOutHelpWidth: () => HELP_WIDTH,
      writeOut: output.out,
      writeErr: output.err,
      outputError: () => undefined,
    })
    .exitOverride()
    .showSuggestionAfterError();
  for (const verb of verbs) {
    const sub = command
      .command(verb.name)
      .description(verb.summary)
      .helpOption('-h, --help', 'print this help')
      .option('--json', 'end with one JSON object on stdout; everything else goes to stderr', false)
      .allowExcessArguments(false);
    if (verb.performAlone === undefined) {
      sub.option('-c, --config <file>', 'the configuration file', DEFAULT_CONFIGURATION);
    }
    if (verb.takesTables) sub.option('-t, --table <schema.table...>', 'only these of the chosen tables');
    for (const { flags, description } of verb.flags ?? []) sub.option(flags, description);
    if (verb.word !== undefined) {
      const { name, description, choices } = verb.word;
      sub.addArgument(new Argument(`[${name}]`, description).choices(choices).default(choices[0]));
    }
    sub.action(() => {
      const options = sub.opts<{ config?: string; json: boolean; table?: string[] } & OptionValues>();
      const { config = DEFAULT_CONFIGURATION, json, table, ...values } = options;
      const [word] = sub.processedArgs as readonly (string | undefined)[];
      const named = verb.word === undefined || word === undefined ? {} : { [verb.word.name]: word };
      onRequest({ verb, config, json, tables: table ?? null, values: { ...values, ...named } });
    });
  }
  return command;
}

/** @throws UsageError */
export function parseArguments(
  verbs: readonly Verb[],
  version: string,
  args: readonly string[],
  output: ProgramOutput,
): ParsedArguments {
  const requests: Request[] = [];
  const command = program(verbs, version, output, (made) => requests.push(made));
  try {
    command.parse([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { tag: 'shown' };
    const isHelp = error.code === 'commander.help';
    throw new UsageError(isHelp ? 'a verb is missing' : error.message.replace(/^error: /, ''), { cause: error });
  }
  const [request] = requests;
  if (request === undefined) throw new UsageError('a verb is missing');
  return { tag: 'request', request };
}
