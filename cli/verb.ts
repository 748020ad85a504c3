import type { OperationContext } from '../core/operations/operation-context.ts';

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
}

export type OptionValues = Readonly<Record<string, string | true>>;

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
}
