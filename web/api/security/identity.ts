import type { Context } from 'hono';
import type { Role } from '../schemas/endpoint.ts';

/** Who asks. */
export interface Identity {
  readonly user: string;
  readonly role: Role;
}

/** Tells who asks from what the place of the API vouches for: this machine's user, or an authoriser's claims. @throws ApiError 401 */
export type Identify = (context: Context) => Identity | Promise<Identity>;

export function mayDo(identity: Identity, role: Role): boolean {
  return role === 'viewer' || identity.role === 'operator';
}
