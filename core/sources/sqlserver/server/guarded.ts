import { destroyedOnAbort } from '../../abort.ts';
import { sourceError } from '../errors.ts';
import type { SqlserverSettings } from '../settings.ts';
import type { Session, SessionOpener } from './session.ts';

/** What every part needs to reach the server. */
export interface Access {
  readonly settings: SqlserverSettings;
  readonly open: SessionOpener;
}

/** Opens a session for one piece of work; an abort of the signal ends the session and with it the work. */
export async function withSession<T>(
  access: Access,
  signal: AbortSignal,
  doing: string,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  await using session = await access.open(signal);
  return await guarded(session, signal, doing, () => work(session));
}

/** Runs work on a session; an abort ends the session at once and the work with the signal's reason. */
export function guarded<T>(
  session: Session,
  signal: AbortSignal,
  doing: string,
  work: () => Promise<T>,
  table: string | null = null,
): Promise<T> {
  return destroyedOnAbort(session, signal, work, (error) => sourceError(error, doing, table));
}
