/** What the provider gave for this tab. On one machine there is no sign-in, and never any of it. */
export interface Tokens {
  /** What calls carry. */
  readonly bearer: string;
  /** Null: when `bearer` has expired, somebody signs in again. */
  readonly refresh: string | null;
  /** For signing out. */
  readonly id: string | null;
  /** When `bearer` expires, in milliseconds since 1970. */
  readonly expires: number;
}

/** Of this tab alone, and gone with it: another page of this computer cannot read it. */
const KEY = 'penstock-tokens';

type Listener = () => void;

/** The tokens of this tab, in memory and, so that a page that is loaded again goes on, in its session storage. */
class HeldTokens {
  readonly #listeners = new Set<Listener>();
  #tokens: Tokens | null = remembered();
  #isLost = false;

  get current(): Tokens | null {
    return this.#tokens;
  }

  /** Whether a call was refused because nobody is signed in. */
  get isLost(): boolean {
    return this.#isLost;
  }

  hold(tokens: Tokens): void {
    this.#change(tokens, false);
  }

  /** Nobody is signed in any more, or was. */
  lose(): void {
    this.#change(null, true);
  }

  readonly subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  #change(tokens: Tokens | null, isLost: boolean): void {
    this.#tokens = tokens;
    this.#isLost = isLost;
    remember(tokens);
    for (const listener of this.#listeners) listener();
  }
}

export const heldTokens = new HeldTokens();

function remembered(): Tokens | null {
  try {
    const text = sessionStorage.getItem(KEY);
    return text === null ? null : (JSON.parse(text) as Tokens);
  } catch {
    return null;
  }
}

/** A browser may refuse its storage; they then last as long as the page. */
function remember(tokens: Tokens | null): void {
  try {
    if (tokens === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify(tokens));
  } catch {
    // Nothing is lost but the memory of it.
  }
}
