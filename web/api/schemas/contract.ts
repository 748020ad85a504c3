import type { z } from 'zod';
import { configurationEndpoints } from './configuration.ts';
import { dashboardEndpoints } from './dashboard.ts';
import type { Endpoint } from './endpoint.ts';
import { instanceEndpoints } from './instances.ts';
import { logEndpoints } from './logs.ts';
import { operationEndpoints } from './operations.ts';
import { quarantineEndpoints } from './quarantine.ts';
import { reportEndpoints } from './reports.ts';
import { schedulerEndpoints } from './scheduler.ts';
import { sessionEndpoints } from './session.ts';
import { settingsEndpoints } from './settings.ts';
import { tableEndpoints } from './tables.ts';
import { transferEndpoints } from './transfers.ts';

/** Every call of the API under `/api/v1` that asks and answers JSON: what is not here is not served, and what is here must be. */
export const CONTRACT = {
  ...sessionEndpoints,
  ...instanceEndpoints,
  ...dashboardEndpoints,
  ...configurationEndpoints,
  ...transferEndpoints,
  ...tableEndpoints,
  ...schedulerEndpoints,
  ...operationEndpoints,
  ...quarantineEndpoints,
  ...logEndpoints,
  ...reportEndpoints,
  ...settingsEndpoints,
};

export type Contract = typeof CONTRACT;
/** `METHOD /path/{parameter}`. */
export type Call = keyof Contract;

export type AnswerOf<Key extends Call> = z.output<Contract[Key]['answer']>;
/** What a client may send. */
export type BodyOf<Key extends Call> = Contract[Key] extends { readonly body: infer Body extends z.ZodType }
  ? z.input<Body>
  : undefined;
export type QueryOf<Key extends Call> = Contract[Key] extends { readonly query: infer Query extends z.ZodType }
  ? z.input<Query>
  : undefined;

/** The names in braces of a call's path. */
export type ParametersOf<Key extends string> = Key extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParametersOf<Rest>
  : never;

/** What a handler gets, after parsing. */
export type ParsedBody<Key extends Call> = Contract[Key] extends { readonly body: infer Body extends z.ZodType }
  ? z.output<Body>
  : undefined;
export type ParsedQuery<Key extends Call> = Contract[Key] extends { readonly query: infer Query extends z.ZodType }
  ? z.output<Query>
  : undefined;

/** The same, for whoever treats all calls alike. */
export function endpoints(): readonly (readonly [Call, Endpoint])[] {
  return Object.entries(CONTRACT) as unknown as readonly (readonly [Call, Endpoint])[];
}
