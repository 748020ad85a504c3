import type { z } from 'zod';

/** `viewer`: looks. `operator`: looks and changes; the default of every call that is no GET. */
export type Role = 'viewer' | 'operator';

/** One call of the API: what is asked, what is answered, who may. Its path parameters are those that its path names. */
export interface Endpoint {
  /** A line of the reference page. */
  readonly summary: string;
  readonly role: Role;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** The status of a success; default 200. */
  readonly status?: 200 | 201 | 202;
  readonly answer: z.ZodType;
}

/** By `METHOD /path/{parameter}`. */
export type Endpoints = Readonly<Record<`${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`, Endpoint>>;
