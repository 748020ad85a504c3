import { createContext, useCallback, useContext, useEffect, useRef, useSyncExternalStore } from 'react';
import { ResourceStore, type Fetch, type Resource } from './resource-store.ts';

const StoreContext = createContext(new ResourceStore());

export const ResourceProvider = StoreContext;

export function useResourceStore(): ResourceStore {
  return useContext(StoreContext);
}

export interface ReadResource<T> extends Resource<T> {
  /** Fetches it again now. */
  readonly refresh: () => void;
}

/**
 * Reads what `fetch` answers, under a key that names all it depends on; null: nothing is read yet.
 * With `everySeconds` it is fetched again while the page is seen; a hidden page asks for nothing.
 */
export function useResource<T>(
  key: string | null,
  fetch: Fetch<T>,
  everySeconds: number | null = null,
): ReadResource<T> {
  const store = useResourceStore();
  const latest = useRef(fetch);
  useEffect(() => {
    latest.current = fetch;
  });
  const subscribe = useCallback(
    (reader: () => void) => (key === null ? () => undefined : store.subscribe(key, reader)),
    [store, key],
  );
  const resource = useSyncExternalStore(subscribe, () => store.read(key ?? '')) as Resource<T>;
  const refresh = useCallback(() => {
    if (key !== null) store.fetch(key, (signal) => latest.current(signal)).catch(reportError);
  }, [store, key]);
  const join = useCallback(() => {
    if (key !== null) store.join(key, (signal) => latest.current(signal)).catch(reportError);
  }, [store, key]);
  useEffect(join, [join]);
  useEffect(() => {
    if (everySeconds === null || key === null) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') join();
    }, everySeconds * 1000);
    const whenSeen = () => {
      if (document.visibilityState === 'visible') join();
    };
    document.addEventListener('visibilitychange', whenSeen);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', whenSeen);
    };
  }, [everySeconds, key, join]);
  return { ...resource, refresh };
}
