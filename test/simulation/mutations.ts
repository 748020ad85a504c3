import type { Mutation } from './supervisor.ts';
import { collect } from './simulated-store.ts';

/** Ports that break one rule each. The simulation has to find every one of them, or it finds nothing. */

/** The catalog says that the head has moved while the write is still on its way: the source's log is released too early. */
export const acknowledgeBeforeCommit: Mutation = {
  items: (items) => ({
    ...items,
    put: async (key, value, expected) => {
      const written = items.put(key, value, expected);
      if (key.sort !== 'head' || value['lastExtract'] === 0) return written;
      written.catch(() => undefined);
      return (expected ?? 0) + 1;
    },
  }),
};

/** Rows and marks are committed one after the other: a crash between the two loads an extract twice. */
export const ledgerOutsideTransaction: Mutation = {
  destination: (destination, server, process) => ({
    ...destination,
    merge: async (step, signal) => {
      const bytes: Buffer[] = [];
      for (const part of step.parts) bytes.push(await collect(part.open()));
      const options = { fails: 'PS4009', signal } as const;
      await process.call(
        `rows of ${step.extract}`,
        () => {
          server.checkLedger(step);
          server.applyRows(server.changedTables(step, bytes));
        },
        options,
      );
      await process.call(`marks of ${step.extract}`, () => server.applyMarks(step), options);
      return { tables: new Map() };
    },
  }),
};

/** The store says that an object is written while it is still on its way: what is listed may never come to be. */
export const putBeforeDurable: Mutation = {
  store: (store) => ({
    ...store,
    put: async (key, body, signal) => {
      const bytes = Buffer.isBuffer(body) ? body : await collect(body);
      store.put(key, bytes, signal).catch(() => undefined);
      return { key, size: bytes.length };
    },
  }),
};

/** The ledger lets everybody write, whatever the epoch and wherever it stands: a stale loader loads again. */
export const ledgerWithoutFence: Mutation = {
  destination: (destination, server, process) => ({
    ...destination,
    merge: async (step, signal) => {
      const bytes: Buffer[] = [];
      for (const part of step.parts) bytes.push(await collect(part.open()));
      return process.call(
        `merge ${step.extract} unfenced`,
        () => {
          server.applyRows(server.changedTables(step, bytes));
          server.applyMarks(step);
          return { tables: new Map() };
        },
        { fails: 'PS4009', signal },
      );
    },
  }),
};

/** Items are written whatever their version is: a stale reader moves the head. */
export const putWithoutCondition: Mutation = {
  items: (items) => ({
    ...items,
    put: async (key, value) => {
      for (;;) {
        const found = await items.get(key);
        try {
          return await items.put(key, value, found?.version ?? null);
        } catch {
          // Somebody was faster: once more, over theirs.
        }
      }
    },
  }),
};

/** The store says that objects are gone while their deletion is still on its way: a crash leaves objects that nobody knows. */
export const deleteBeforeDone: Mutation = {
  store: (store) => ({
    ...store,
    delete: (keys, signal) => {
      store.delete(keys, signal).catch(() => undefined);
      return Promise.resolve();
    },
  }),
};

/** Who takes the loader's lease gets the epoch of who had it before, and may still be using it: nothing fences the other one's work. */
export const epochTakenOver: Mutation = {
  items: (items) => ({
    ...items,
    put: async (key, value, expected) => {
      if (key.sort !== 'lease#loader') return items.put(key, value, expected);
      const found = await items.get(key);
      return items.put(key, { ...value, epoch: found?.value['epoch'] ?? value['epoch'] ?? 1 }, expected);
    },
  }),
};

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  acknowledgeBeforeCommit,
  ledgerOutsideTransaction,
  putBeforeDurable,
  ledgerWithoutFence,
  putWithoutCondition,
  deleteBeforeDone,
  epochTakenOver,
};
