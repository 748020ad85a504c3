import { useEffect, useState, useSyncExternalStore } from 'react';

/** Light or dark: as the system says, unless the user chose. The choice is kept in this browser. */
export type ColorChoice = 'system' | 'light' | 'dark';

const KEY = 'penstock-color-mode';
const DARK = '(prefers-color-scheme: dark)';

/** A browser may refuse its storage; the choice then lasts as long as the page. */
function remembered(): ColorChoice {
  try {
    const text = localStorage.getItem(KEY);
    return text === 'light' || text === 'dark' ? text : 'system';
  } catch {
    return 'system';
  }
}

function remember(choice: ColorChoice): void {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // Nothing is lost but the memory of it.
  }
}

function subscribeToSystem(changed: () => void): () => void {
  const query = matchMedia(DARK);
  query.addEventListener('change', changed);
  return () => query.removeEventListener('change', changed);
}

export interface ColorMode {
  readonly choice: ColorChoice;
  readonly isDark: boolean;
  readonly choose: (choice: ColorChoice) => void;
}

function show(isDark: boolean): void {
  document.documentElement.classList.toggle('dark', isDark);
  document.body.classList.toggle('awsui-dark-mode', isDark);
}

/** Before the first paint, so that a dark page never starts white. */
export function showRememberedColorMode(): void {
  const choice = remembered();
  show(choice === 'system' ? matchMedia(DARK).matches : choice === 'dark');
}

export function useColorMode(): ColorMode {
  const [choice, setChoice] = useState(remembered);
  const systemIsDark = useSyncExternalStore(subscribeToSystem, () => matchMedia(DARK).matches);
  const isDark = choice === 'system' ? systemIsDark : choice === 'dark';
  useEffect(() => show(isDark), [isDark]);
  return {
    choice,
    isDark,
    choose: (next) => {
      remember(next);
      setChoice(next);
    },
  };
}
