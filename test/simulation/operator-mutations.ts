import type { Mutation } from './supervisor.ts';

/** As mutations.ts: what verification, repair and rollback rest on. */

/** Nobody asks the extracts which rows are in flight: a repair puts back what the log has overtaken. */
export const extractsInWindowIgnored: Mutation = {
  items: (items) => ({
    ...items,
    list: (query) => (query.prefix === 'extract#' && query.descending ? Promise.resolve([]) : items.list(query)),
  }),
};

/** The destination's digests end with the first row: what only it has is not seen. */
export const digestsCutShort: Mutation = {
  destination: (destination) => ({
    ...destination,
    async *rowDigests(target, range, signal) {
      for await (const row of destination.rowDigests(target, range, signal)) {
        yield row;
        return;
      }
    },
    checksum: async (target, range, signal) => ({ ...(await destination.checksum(target, range, signal)), sum: '' }),
  }),
};

/** Rows that are asked for by their keys come from a verification before: what differs now is not looked at. */
export const rowsRemembered: Mutation = {
  destination: (destination) => {
    const remembered = new Map<string, readonly (readonly (string | null)[])[]>();
    return {
      ...destination,
      async *fetchRows(target, keys, signal) {
        const name = `${target.name} ${JSON.stringify(keys)}`;
        const found = remembered.get(name) ?? (await Array.fromAsync(destination.fetchRows(target, keys, signal)));
        remembered.set(name, found);
        yield* found;
      },
    };
  },
};

/** The ledger does not tell that a rollback was begun: nobody goes on with it after a crash. */
export const rollbackForgotten: Mutation = {
  destination: (destination) => ({
    ...destination,
    ledger: async (pipeline, signal) => ({ ...(await destination.ledger(pipeline, signal)), replays: new Map() }),
  }),
};

/** A rollback forgets what it has collected after each extract but the last. */
export const rollbackOfLastExtract: Mutation = {
  destination: (destination, server) => ({
    ...destination,
    async replay(step, signal) {
      const { epoch, extract, target } = step;
      const table = `${target.schema.table.schema}.${target.schema.table.name}`;
      const mark = server.ledger().replays.get(table);
      if (mark !== undefined && mark.next > mark.from && mark.next <= extract && epoch >= server.ledger().epoch)
        server.beginReplays({ pipeline: '', epoch, tables: [{ table, from: mark.from, upTo: server.markOf(table) }] });
      await destination.replay(step, signal);
    },
  }),
};

/** A start that was given up for lost takes a table's mark back when it arrives. */
export const rollbackStartUnchecked: Mutation = {
  destination: (destination, server, process) => ({
    ...destination,
    beginReplays: ({ tables }, signal) =>
      process.call('begin replays unchecked', () => server.putReplays(tables), { fails: 'PS4009', signal }),
  }),
};

/** A rollback does not see that the source emptied the table. */
export const rollbackWithoutTruncates: Mutation = {
  destination: (destination) => ({
    ...destination,
    replay: (step, signal) =>
      destination.replay({ ...step, parts: step.parts.map((part) => ({ ...part, truncatedAt: null })) }, signal),
  }),
};

export const OPERATOR_MUTATIONS: Readonly<Record<string, Mutation>> = {
  extractsInWindowIgnored,
  digestsCutShort,
  rowsRemembered,
  rollbackForgotten,
  rollbackOfLastExtract,
  rollbackStartUnchecked,
  rollbackWithoutTruncates,
};
