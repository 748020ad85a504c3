import { withLeaseInTurn, type Lease } from '../../catalog/lease.ts';
import { BRIEFLY } from '../../catalog/lease-request.ts';
import type { TableRecord } from '../../catalog/records.ts';
import type { SourcePosition } from '../../changes/position.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import type { RowCounts } from '../../destinations/destination.ts';
import { targetOf } from '../../destinations/target-naming.ts';
import { keepTrying } from '../../errors/keep-trying.ts';
import { hasCode, PenstockError } from '../../errors/penstock-error.ts';
import { reportQuarantined } from '../../events/report-quarantined.ts';
import { Loader } from '../../loads/load.ts';
import type { TableSettings } from '../../pipeline/settings.ts';
import { catalogOf, loadContext } from '../contexts.ts';
import type { OperationContext } from '../operation-context.ts';
import { selectionOf, tableSettings } from '../pipeline-tables.ts';
import { fetchBatch, type FetchedBatch } from './fetch-batch.ts';
import { extractUpTo } from './log-standing.ts';
import { touchedKeys, type Touched } from './touched-keys.ts';

/** What became of the rows. */
export interface RefetchResult {
  /** At the destination. */
  readonly counts: RowCounts;
  /** Keys whose row has a value that does not fit: set aside in quarantine, or left as they were, by the table's policy. */
  readonly misfits: readonly RefetchedMisfit[];
  /** Keys that changed again in every round, and are left as they were. */
  readonly unsettled: readonly (readonly string[])[];
}

export interface RefetchedMisfit {
  readonly key: readonly string[];
  readonly column: string;
  readonly reason: string;
}

/** A row that changes in each of so many rounds is left to its changes. */
const ROUNDS = 8;

/**
 * Fetches rows from the source again and puts them right at the destination, exactly, also while replication goes on: the loader's
 * lease is asked for, so that nothing moves at the destination but what is loaded here; a row that changes between the fetch and
 * where the destination stands is fetched again. Where nobody reads the log it is read up to the rows. Safe to repeat.
 * `keys`: canonical texts of the key columns, in identity order.
 * @throws PenstockError PS1005, PS5002 where the table has no key, is not following, or has another structure at the source, PS1007 when the loader does not hand over
 */
export async function refetch(
  { host: outer, ...others }: OperationContext,
  table: string,
  keys: readonly (readonly string[])[],
): Promise<RefetchResult> {
  // Who starts to read or to load meanwhile waits for the leases, which are held for moments, instead of giving up.
  const host = { ...outer, owner: `${outer.owner}${BRIEFLY}` };
  const context: OperationContext = { ...others, host };
  const { settings, signal } = context;
  tableSettings(settings, table);
  if (keys.length === 0) return { counts: { inserts: 0, updates: 0, deletes: 0 }, misfits: [], unsettled: [] };
  return withLeaseInTurn(host, settings.pipeline, 'loader', signal, (lease, leaseSignal) =>
    new Refetch({ ...context, signal: leaseSignal }, lease, table).run(keys),
  );
}

class Refetch {
  readonly #context: OperationContext;
  readonly #lease: Lease;
  readonly #table: string;
  readonly #settings: TableSettings;
  readonly #counts = { inserts: 0, updates: 0, deletes: 0 };
  readonly #misfits: RefetchedMisfit[] = [];
  #loader: Loader;

  constructor(context: OperationContext, lease: Lease, table: string) {
    this.#context = context;
    this.#lease = lease;
    this.#table = table;
    this.#settings = tableSettings(context.settings, table);
    this.#loader = this.#newLoader();
  }

  async run(keys: readonly (readonly string[])[]): Promise<RefetchResult> {
    let left = keys;
    for (let round = 1; round <= ROUNDS && left.length > 0; round++) left = await this.#round(left);
    return { counts: this.#counts, misfits: this.#misfits, unsettled: left };
  }

  /** @returns the keys that are to be tried again */
  async #round(keys: readonly (readonly string[])[]): Promise<(readonly string[])[]> {
    const waiting = [...keys];
    const again: (readonly string[])[] = [];
    while (waiting.length > 0) again.push(...(await this.#batch(waiting)));
    return again;
  }

  /** Takes a batch off `waiting`. @returns those of its keys that changed meanwhile */
  async #batch(waiting: (readonly string[])[]): Promise<(readonly string[])[]> {
    const { host, settings } = this.#context;
    return keepTrying(host, settings.pipeline, 'refetch', this.#context.signal, async () => {
      // What is asked for is taken off only when all is done.
      const rest = [...waiting];
      await this.#load();
      const { schema, since, batch } = await this.#fetch(rest);
      const touched = await this.#touchedSince(schema, since, batch);
      await this.#repair(schema, batch, touched.names, { applied: touched.applied, position: since.order });
      waiting.splice(0, waiting.length - rest.length);
      const again = [...touched.names].filter((name) => !touched.whole.has(name));
      return again.map((name) => batch.keys.get(name) ?? []);
    });
  }

  /** A change of structure may be on its way: then the rows are fetched behind it. */
  async #fetch(
    keys: (readonly string[])[],
    isLast = false,
  ): Promise<{ readonly schema: TableSchema; readonly since: SourcePosition; readonly batch: FetchedBatch }> {
    const { source, signal } = this.#context;
    const schema = await this.#schema();
    const since = await source.currentPosition(signal);
    try {
      const batch = await fetchBatch(this.#context, { selection: selectionOf(this.#settings), schema }, keys);
      return { schema, since, batch };
    } catch (error) {
      if (isLast || source.mode === 'full' || !hasCode(error, 'PS5002')) throw error;
      await extractUpTo(this.#context, await source.currentPosition(signal), () => this.#load());
      await this.#load();
      return this.#fetch(keys, true);
    }
  }

  /** Lets the destination come to where the rows were fetched, and says which of them changed on the way there. */
  async #touchedSince(
    schema: TableSchema,
    since: SourcePosition,
    batch: FetchedBatch,
  ): Promise<Touched & { readonly applied: number }> {
    const { source, signal } = this.#context;
    const all = new Set(batch.keys.keys());
    const end = await source.currentPosition(signal);
    const isThere = source.mode === 'full' || (await extractUpTo(this.#context, end, () => this.#load()));
    await this.#load();
    const now = await this.#schema();
    const applied = await this.#applied();
    // The structure that the rows were read for is not the table's any more.
    if (!isThere || now.fingerprint !== schema.fingerprint) return { names: all, whole: new Set(), applied };
    const touched = await touchedKeys(this.#context, { table: this.#table, schema, since, upTo: applied }, all);
    return { ...touched, applied };
  }

  async #repair(
    schema: TableSchema,
    batch: FetchedBatch,
    touched: ReadonlySet<string>,
    { applied, position }: { readonly applied: number; readonly position: string },
  ): Promise<void> {
    const { destination, host, settings, signal } = this.#context;
    const isSetAside = this.#settings.misfits === 'quarantine';
    const names = [...batch.keys.keys()].filter((name) => !touched.has(name));
    const written = names.filter((name) => isSetAside || !batch.misfits.has(name));
    const misfits = names.flatMap((name) => batch.misfits.get(name) ?? []);
    const lines = written.flatMap((name) => batch.lines.get(name) ?? []);
    if (written.length > 0) {
      const setAside = (isSetAside ? misfits : []).map((misfit) => ({ ...misfit, position }));
      const counts = await destination.repair(
        {
          pipeline: settings.pipeline,
          epoch: this.#lease.epoch,
          target: targetOf(settings, this.#settings, schema),
          applied,
          keys: written.map((name) => batch.keys.get(name) ?? []),
          at: batch.takenAt,
          rows: lines.length,
          open: () => inOrder(lines),
          misfits: setAside,
        },
        signal,
      );
      this.#counts.inserts += counts.inserts;
      this.#counts.updates += counts.updates;
      this.#counts.deletes += counts.deletes;
      reportQuarantined(host, settings.pipeline, this.#table, setAside);
    }
    this.#misfits.push(...misfits.map(({ key, column, reason }) => ({ key, column, reason })));
  }

  async #load(): Promise<void> {
    try {
      await this.#loader.loadAvailable();
    } catch (error) {
      this.#loader = this.#newLoader();
      throw error;
    }
  }

  #newLoader(): Loader {
    return new Loader(loadContext(this.#context, this.#lease, this.#context.signal));
  }

  async #applied(): Promise<number> {
    const { destination, settings, signal } = this.#context;
    const marks = await destination.ledger(settings.pipeline, signal);
    return marks.tables.get(this.#table) ?? marks.applied ?? 0;
  }

  /** @throws PenstockError PS5002 */
  async #schema(): Promise<TableSchema> {
    const record = (await catalogOf(this.#context).table(this.#table))?.record ?? null;
    const obstacle = obstacleOf(record);
    if (obstacle === null && record?.schema !== null && record?.schema !== undefined) return record.schema;
    throw new PenstockError('PS5002', `${this.#table} ${obstacle ?? 'was never copied'}`, {
      table: this.#table,
      ...(record?.state.tag === 'stopped' ? { remedy: record.state.remedy } : {}),
    });
  }
}

/** Why rows of a table cannot be fetched again; null: they can. */
export function obstacleOf(record: TableRecord | null): string | null {
  if (record?.schema === null || record === null || record.state.tag === 'new') return 'was never copied';
  if (record.state.tag === 'copying') return 'is being copied';
  if (record.state.tag === 'stopped') return `is stopped: ${record.state.message}`;
  return record.schema.identity.tag === 'row' ? 'has no key by which its rows could be found' : null;
}

async function* inOrder(lines: readonly Buffer[]): AsyncGenerator<Buffer> {
  await Promise.resolve();
  yield* lines;
}
