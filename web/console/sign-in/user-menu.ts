import type { TopNavigationProps } from '@cloudscape-design/components/top-navigation';
import { useCallback, useSyncExternalStore } from 'react';
import { useKnownSession } from '../api/session.ts';
import { heldTokens } from './tokens.ts';

/** Whether a call was refused because nobody is signed in. */
export function useIsSignedOut(): boolean {
  return useSyncExternalStore(heldTokens.subscribe, () => heldTokens.isLost);
}

/** Who is signed in, and the way out, in the top bar; none on one machine, where nobody signs in. */
export function useUserMenu(): readonly TopNavigationProps.MenuDropdownUtility[] {
  const session = useKnownSession();
  const isSignedIn = useSyncExternalStore(heldTokens.subscribe, () => heldTokens.current !== null);
  const leave = useCallback(() => {
    import('./provider.ts').then(({ signOut }) => signOut()).catch(reportError);
  }, []);
  if (!isSignedIn) return [];
  return [
    {
      type: 'menu-dropdown',
      iconName: 'user-profile',
      text: session?.user ?? 'Signed in',
      ...(session === null ? {} : { description: session.role }),
      items: [{ id: 'sign-out', text: 'Sign out' }],
      onItemClick: leave,
    },
  ];
}
