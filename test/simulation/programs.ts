import { catalogOf } from '../../core/operations/contexts.ts';
import { loadExtracts, readLog } from '../../core/operations/replication/follow-and-load.ts';
import { fullExtract } from '../../core/operations/copying/full-extract.ts';
import { syncNewTables } from '../../core/operations/new-tables/sync-new-tables.ts';
import { hasCode } from '../../core/errors/penstock-error.ts';
import type { OperationContext } from '../../core/operations/operation-context.ts';
import { run } from '../../core/operations/replication/run.ts';
import { summariseForever } from '../../core/operations/reports/summarise-runs.ts';
import { loadInCalls } from './load-in-calls.ts';
import { isAlone, operate, type OperatorOrder, type OperatorRules } from './operator.ts';
import { copyTogether } from './shared-copy.ts';

/**
 * `whole` reads and loads, as on one machine; `reader` and `loader` do one of the two, as in the cloud; `copier` copies new tables beside
 * them, `operator` verifies and rolls back.
 */
export type Role = 'whole' | 'reader' | 'loader' | 'copier' | 'operator';

/** A full extract that the user asks for. */
export interface CopyWish {
  /** Null: every table. */
  readonly tables: readonly string[] | null;
  /** Names it where processes share it. */
  readonly operation: string;
  /** Which place's process calls the steps of a shared one; null: the first that comes. */
  caller: string | null;
}

/** New tables that the user wants to be copied while the others are replicated. */
export interface NewTablesWish {
  /** Null: those that were never copied. */
  readonly tables: readonly string[] | null;
}

/** What the user asks for, outside of all processes. */
export class Wishes {
  /** Whether full extracts are shared by all processes, as in the cloud, or done by one. */
  readonly areShared: boolean;
  /** A full extract that is not done; null: follow the log. */
  #copy: CopyWish | null = null;
  #newTables: NewTablesWish | null = null;
  #order: OperatorOrder | null = null;
  #copies = 0;
  /** Whether loaders work in short calls, as functions do, or stand. */
  readonly loadsInCalls: boolean;
  #changed = new AbortController();

  constructor(areShared: boolean, loadsInCalls = false) {
    this.areShared = areShared;
    this.loadsInCalls = loadsInCalls;
  }

  get copy(): CopyWish | null {
    return this.#copy;
  }

  /** New tables that are not copied yet; nobody else is disturbed. */
  get newTables(): NewTablesWish | null {
    return this.#newTables;
  }

  /** Aborts at the next change of mind. */
  get changed(): AbortSignal {
    return this.#changed.signal;
  }

  askForCopy(tables: readonly string[] | null): void {
    this.#copy = { tables, operation: `full-extract-${++this.#copies}`, caller: null };
    this.#turn();
  }

  askForNewTables(tables: readonly string[] | null): void {
    this.#newTables = { tables };
  }

  newTablesAreDone(wish: NewTablesWish): void {
    if (this.#newTables === wish) this.#newTables = null;
  }

  copyIsDone(copy: CopyWish): void {
    if (this.#copy !== copy) return;
    this.#copy = null;
    this.#turn();
  }

  /** What operators are to do; null: nothing. */
  get order(): OperatorOrder | null {
    return this.#order;
  }

  /** Whether the log is not to be followed meanwhile. */
  get isStopped(): boolean {
    return this.#order !== null && isAlone(this.#order);
  }

  ask(order: OperatorOrder): void {
    this.#order = order;
    if (isAlone(order)) this.#turn();
  }

  orderIsDone(order: OperatorOrder): void {
    if (this.#order !== order) return;
    this.#order = null;
    if (isAlone(order)) this.#turn();
  }

  #turn(): void {
    const changed = this.#changed;
    this.#changed = new AbortController();
    changed.abort(new Error('the user wants something else'));
  }
}

/** What a process does until the context's signal aborts: the full extract that the user asked for, then the log. */
export async function runProgram(
  role: Role,
  context: OperationContext,
  wishes: Wishes,
  rules: OperatorRules | null,
): Promise<void> {
  const { signal } = context;
  for (;;) {
    if (isAborted(signal)) return;
    const { copy, changed } = wishes;
    try {
      if (role === 'copier') await copyBeside(context, wishes);
      else if (role === 'operator' && rules !== null) await operate(context, wishes, rules);
      else if (copy !== null && wishes.areShared) await copyTogether(context, copy, wishes);
      else if (copy !== null && role !== 'loader') await copyTables(context, copy, wishes);
      else if (copy !== null || wishes.isStopped) await context.host.clock.sleep(500, signal);
      else if (role === 'loader' || !(await isInterrupted(context, wishes))) {
        await follow(role, { ...context, signal: AbortSignal.any([signal, changed]) }, wishes);
      }
    } catch (error) {
      if (isAborted(signal)) return;
      // One operation that copies tables at a time, and first of all a full extract: the user asks again.
      if (hasCode(error, 'PS1008', 'PS1004')) await context.host.clock.sleep(2000, signal).catch(() => undefined);
      else if (role === 'copier' || role === 'operator' || !isAborted(changed)) throw error;
    }
  }
}

/** Asked anew each time: it changes while others run. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

async function copyBeside(context: OperationContext, wishes: Wishes): Promise<void> {
  const wish = wishes.newTables;
  if (wish === null || wishes.copy !== null) {
    await context.host.clock.sleep(500, context.signal);
    return;
  }
  const { tables } = await syncNewTables(context, { ...wish, operation: null });
  for (const { error } of tables) if (error !== null) throw error;
  wishes.newTablesAreDone(wish);
}

async function copyTables(context: OperationContext, copy: CopyWish, wishes: Wishes): Promise<void> {
  const { tables } = await fullExtract(context, copy);
  for (const { error } of tables) if (error !== null) throw error;
  wishes.copyIsDone(copy);
}

/** A full extract that somebody began and nobody ended: the user asks for it again. */
async function isInterrupted(context: OperationContext, wishes: Wishes): Promise<boolean> {
  const stored = await catalogOf(context).fullExtract();
  if (stored?.record.state !== 'running') return false;
  wishes.askForCopy(stored.record.tables);
  return true;
}

async function follow(role: Role, context: OperationContext, { loadsInCalls }: Wishes): Promise<void> {
  if (role === 'whole') await run(context);
  else if (role === 'reader') await readLog(context, null, context.signal);
  else await loadAndSummarise(context, loadsInCalls ? loadInCalls : (one) => loadExtracts(one, null, one.signal));
}

/** As on AWS, where another function adds up the runs. */
async function loadAndSummarise(
  context: OperationContext,
  load: (context: OperationContext) => Promise<void>,
): Promise<void> {
  const ended = new AbortController();
  const summing = summariseForever(context.host, catalogOf(context), AbortSignal.any([context.signal, ended.signal]));
  try {
    await load(context);
  } finally {
    ended.abort();
    await summing;
  }
}
