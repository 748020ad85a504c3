import { expect, test } from 'vitest';
import { ResourceStore } from './resource-store.ts';

test('an answer stays while it is fetched again, and the same answer is not told twice', async () => {
  const store = new ResourceStore();
  const seen: unknown[] = [];
  store.subscribe('a', () => seen.push(store.read('a')));
  await store.fetch('a', () => Promise.resolve({ rows: 1 }));
  const first = store.read('a').data;
  await store.fetch('a', () => Promise.resolve({ rows: 1 }));
  expect(store.read('a').data).toBe(first);
  expect(seen.at(-2)).toEqual({ data: { rows: 1 }, problem: null, isFetching: true });
  await store.fetch('a', () => Promise.resolve({ rows: 2 }));
  expect(store.read('a').data).toEqual({ rows: 2 });
});

test('a failure keeps what was known and says why; the next answer takes the failure away', async () => {
  const store = new ResourceStore();
  await store.fetch('a', () => Promise.resolve(1));
  await store.fetch('a', () => Promise.reject(new Error('no answer')));
  expect(store.read('a')).toMatchObject({ data: 1, problem: { detail: 'no answer' }, isFetching: false });
  await store.fetch('a', () => Promise.resolve(2));
  expect(store.read('a')).toMatchObject({ data: 2, problem: null });
});

test('a slow answer does not overwrite the one of a later fetch, nor one that was put', async () => {
  const store = new ResourceStore();
  const slow = Promise.withResolvers<number>();
  const first = store.fetch('a', () => slow.promise);
  await store.fetch('a', () => Promise.resolve(2));
  slow.resolve(1);
  await first;
  expect(store.read('a').data).toBe(2);
  const other = Promise.withResolvers<number>();
  const second = store.fetch('a', () => other.promise);
  store.put('a', 4);
  other.resolve(3);
  await second;
  expect(store.read('a')).toEqual({ data: 4, problem: null, isFetching: false });
});

test('what nobody reads is forgotten beyond the most, the oldest first, and its fetch is aborted', async () => {
  const store = new ResourceStore(2);
  let aborted = false;
  const leave = store.subscribe('a', () => undefined);
  const never = store.fetch('a', (signal) => {
    signal.addEventListener('abort', () => {
      aborted = true;
    });
    return new Promise(() => undefined);
  });
  leave();
  expect(aborted).toBe(true);
  expect(never).toBeInstanceOf(Promise);
  for (const key of ['b', 'c']) {
    const left = store.subscribe(key, () => undefined);
    await store.fetch(key, () => Promise.resolve(key));
    left();
  }
  expect(store.read('a').data).toBeNull();
  expect(store.read('b').data).toBe('b');
  expect(store.read('c').data).toBe('c');
});

test('a second reader joins the fetch that is under way', async () => {
  const store = new ResourceStore();
  let fetches = 0;
  const fetch = () => Promise.resolve(++fetches);
  await Promise.all([store.join('a', fetch), store.join('a', fetch)]);
  expect(fetches).toBe(1);
  await store.join('a', fetch);
  expect(store.read('a').data).toBe(2);
});
