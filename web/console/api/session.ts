import { createContext, useContext } from 'react';
import type { Session } from '../../api/schemas/session.ts';

const SessionContext = createContext<Session | null>(null);

export const SessionProvider = SessionContext;

/** Who looks, and what this console can do. @throws Error outside the provider, which is a mistake in the pages */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('a page was drawn before its session was known');
  return session;
}

/** The same where it may not be known yet. */
export function useKnownSession(): Session | null {
  return useContext(SessionContext);
}

/** Whether the user may change anything here. */
export function useMayOperate(): boolean {
  return useSession().role === 'operator';
}
