import Box from '@cloudscape-design/components/box';
import { useSyncExternalStore, type ReactElement } from 'react';
import { agoText, timeText } from './times.ts';

/** One timer for all ages on a page. */
const readers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let second = Math.floor(Date.now() / 1000);

function subscribe(reader: () => void): () => void {
  readers.add(reader);
  timer ??= setInterval(() => {
    second = Math.floor(Date.now() / 1000);
    for (const one of readers) one();
  }, 1000);
  return () => {
    readers.delete(reader);
    if (readers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Milliseconds since 1970, anew every second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => second * 1000);
}

/** How long ago a moment was, and below it the moment in the reader's zone; a dash where there is none. */
export function Moment({ at }: { at: string | null }): ReactElement {
  const now = useNow();
  if (at === null) return <>–</>;
  return (
    <time dateTime={at}>
      {agoText(at, now)}
      <Box variant="small" display="block">
        {timeText(at)}
      </Box>
    </time>
  );
}
