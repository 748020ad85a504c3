import type { Log } from '../core/host/host.ts';
import type { OperationContext } from '../core/operations/operation-context.ts';
import type { EventReports } from '../hosts/local/event-reports.ts';
import type { LocalHost } from '../hosts/local/local-host.ts';

/** 0: done. 1: failed, or different. 2: bad usage or configuration. */
export type ExitCode = 0 | 1 | 2;

/** What a verb ends with. */
export interface Outcome {
  readonly exitCode: 0 | 1;
  /** For `--json`; errors in it become objects. */
  readonly json: Readonly<Record<string, unknown>>;
  /** For people, on stdout. */
  readonly lines: readonly string[];
}

/** What the verbs' own options ask for. */
export interface VerbOptions {
  /** Table ids; null: all chosen tables. */
  readonly tables: readonly string[] | null;
  /** By the option's name in camel case: the text after it, or true for one that stands alone; those that were not given are not there. */
  readonly values: OptionValues;
  /** Not there where a verb is called by itself. */
  readonly machine?: Machine;
}

/** Where the command runs. */
export interface Machine {
  /** Absolute path of the configuration file. */
  readonly file: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Lines of the host's log. */
  readonly log: Log;
  /** The host of the pipeline, beside what an operation sees of it. */
  readonly host: LocalHost;
  /** What tells people of the pipeline's events, by the settings with which the command began. */
  readonly reports: EventReports;
}

/** What a command without a pipeline has. */
export interface Place extends Omit<Machine, 'host' | 'file' | 'reports'> {
  readonly signal: AbortSignal;
  /** A line for people. */
  readonly say: (line: string) => void;
}

export type OptionValues = Readonly<Record<string, string | boolean>>;

/** An option of one verb alone, as commander writes it: `--to <n>`. */
export interface VerbFlag {
  readonly flags: string;
  readonly description: string;
}

/** The word after a verb: one of a few, the first where none is given. It is among the values, by its name. */
export interface VerbWord {
  readonly name: string;
  readonly choices: readonly [string, ...string[]];
  readonly description: string;
}

/** One word of the command line. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  /** Whether `--table` may name some of the chosen tables. */
  readonly takesTables: boolean;
  readonly word?: VerbWord;
  readonly flags?: readonly VerbFlag[];
  /** True where being stopped by a signal is the verb's normal end. */
  readonly runsUntilStopped: boolean;
  perform(context: OperationContext, options: VerbOptions): Promise<Outcome>;
  /** Set for a verb that needs no configuration: then it is called instead of `perform`. */
  readonly performAlone?: (place: Place, values: OptionValues) => Promise<Outcome>;
}
