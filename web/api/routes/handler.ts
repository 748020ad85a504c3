import type { Identity } from '../security/identity.ts';
import type { AnswerOf, Call, ParametersOf, ParsedBody, ParsedQuery } from '../schemas/contract.ts';

/** A call after parsing. */
export interface Asked<Key extends Call> {
  readonly parameters: Readonly<Record<ParametersOf<Key>, string>>;
  readonly query: ParsedQuery<Key>;
  readonly body: ParsedBody<Key>;
  readonly identity: Identity;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** What the audit log says of this call beside its name; never a value of a secret. */
  readonly note: (detail: string) => void;
}

export type Handler<Key extends Call> = (asked: Asked<Key>) => Promise<AnswerOf<Key>>;

/** The handlers of some calls. */
export type HandlersOf<Keys extends Call> = { readonly [Key in Keys]: Handler<Key> };
