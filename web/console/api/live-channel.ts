import type { LiveEvent } from '../../api/schemas/live.ts';
import type { LogLine } from '../../api/schemas/logs.ts';

const RETRY_MILLISECONDS = 15_000;
const TAGS = ['dashboard', 'operation', 'log'] as const satisfies readonly LiveEvent['tag'][];

/** One stream of live events, as long as the page is seen. */
export class LiveChannel {
  readonly #logListeners = new Set<(lines: readonly LogLine[]) => void>();

  onLog(listen: (lines: readonly LogLine[]) => void): () => void {
    this.#logListeners.add(listen);
    return () => {
      this.#logListeners.delete(listen);
    };
  }

  /** @param told is called with whether events come, each time this changes. @returns ends it */
  open(path: string, onEvent: (event: LiveEvent) => void, told: (isOpen: boolean) => void): () => void {
    let stream: EventSource | null = null;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const close = () => {
      clearTimeout(retry);
      stream?.close();
      stream = null;
      told(false);
    };
    const connect = () => {
      close();
      if (document.visibilityState !== 'visible') return;
      const opened = new EventSource(path);
      stream = opened;
      opened.onopen = () => told(true);
      opened.onerror = () => {
        told(false);
        // The browser connects again by itself unless the answer was no stream at all.
        if (opened.readyState === EventSource.CLOSED) retry = setTimeout(connect, RETRY_MILLISECONDS);
      };
      for (const tag of TAGS) {
        opened.addEventListener(tag, (message: MessageEvent<string>) => this.#receive(tag, message.data, onEvent));
      }
    };
    connect();
    document.addEventListener('visibilitychange', connect);
    return () => {
      document.removeEventListener('visibilitychange', connect);
      close();
    };
  }

  #receive(tag: LiveEvent['tag'], data: string, onEvent: (event: LiveEvent) => void): void {
    const event = { tag, ...(JSON.parse(data) as object) } as LiveEvent;
    if (event.tag === 'log') for (const listen of this.#logListeners) listen(event.lines);
    onEvent(event);
  }
}
