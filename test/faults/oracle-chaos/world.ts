import { oracleConnector } from '../../../core/sources/oracle/definition.ts';
import type { Session, SessionOpener } from '../../../core/sources/oracle/server/session.ts';
import { ORACLE_VARIANTS, type ExtractType, type OracleVariant } from '../../../core/sources/oracle/server/variants.ts';
import { oracleSettings } from '../../../core/sources/oracle/settings.ts';
import type { Statement } from '../../../core/sources/oracle/statements/statement.ts';
import type { Row } from '../../../core/sources/session.ts';
import type { SourceConnector } from '../../../core/sources/source-connector.ts';
import { SystemRandomness } from '../../../hosts/node/system-randomness.ts';
import type { ServerAddress } from '../../fixtures/server-process.ts';
import { MemoryScratch } from '../../fixtures/memory-scratch.ts';
import { FakeOracle, ROOT, type FakeOptions } from '../../fixtures/oracle-fake/fake-oracle.ts';
import type { Quirks } from '../../fixtures/oracle-fake/redo-log.ts';
import type { Random } from '../../fixtures/random.ts';
import { Model } from './model.ts';
import { Writers } from './writers.ts';

/** A mode of reading, and the database that it reads. */
export interface ChaosMode {
  readonly name: string;
  readonly type: OracleVariant['type'];
  readonly extractType: ExtractType;
  readonly options: FakeOptions;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** What its redo may look like beyond what all have. */
  readonly quirks?: Partial<Quirks>;
}

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const QUIRKS = { privateStrands: true, partialUndo: true, startsWithoutAddress: true, rowsWithoutAddress: 7 } as const;
/** So small that a run fills some of them, and so large that what a private strand holds back often surfaces in a later round. */
const FILE_BYTES = 150_000;
/** Rows of LogMiner at once, so that much happens in the midst of a reading. */
const FETCHED = 9;
const STEPS_BETWEEN_FAILURES = 40;
/**
 * How often something happens at a statement, and at some of its rows: so seldom that a reader that is not killed comes through many rounds while one
 * transaction is open, and that most of what happens does so between two rounds.
 */
const AT_STATEMENT = 0.2;
const AT_ROWS = 0.05;
const STEPS_AT_ONCE = 2;
/** Of a run: behind one all is copied anew, and what was copied is not told. */
const MOST_LOSSES = 2;
/** Records that a private strand holds: often so many that they surface rounds later, when their transaction or the log ends. */
const STRANDS = [4, 60, 400] as const;
/** Bytes for the reader's open transactions: so few that they go to disk, or enough for all. */
const MEMORY_BYTES = [1000, 1024 ** 2] as const;

/** How a reader was killed. */
export class Killed extends Error {}

/** A database in which something happens whenever anybody asks it for something: customers write, logs are switched, sessions are lost. */
export class ChaosWorld implements AsyncDisposable {
  readonly oracle: FakeOracle;
  readonly model = new Model();
  readonly writers: Writers;
  readonly random: Random;
  readonly mode: ChaosMode;
  readonly scratch = new MemoryScratch();
  /** What happened, by name. */
  readonly faults: Record<string, number> = {};
  /** Whether redo that was not read yet may be gone. */
  isLost = false;
  /** Steps that are still to be taken. */
  steps: number;
  /** Ends the reader that is running, at whatever it does. */
  kill: (() => void) | null = null;
  readonly #opened: AsyncDisposableStack;
  readonly #mining: FakeOracle;
  /** Statements about tables that are running: no structure is changed meanwhile. */
  #reading = 0;
  #failedAt = Infinity;
  #losses = 0;
  readonly #half: number;
  readonly #memoryBytes: number;
  #isBusy = false;
  #idle: Promise<void> = Promise.resolve();

  private constructor(
    opened: AsyncDisposableStack,
    parts: Pick<ChaosWorld, 'oracle' | 'writers' | 'random' | 'mode' | 'model' | 'steps'> & {
      readonly mining: FakeOracle;
      readonly run: number;
    },
  ) {
    this.#opened = opened;
    this.oracle = parts.oracle;
    this.#mining = parts.mining;
    this.writers = parts.writers;
    this.random = parts.random;
    this.mode = parts.mode;
    this.model = parts.model;
    this.steps = parts.steps;
    this.#half = parts.steps / 2;
    this.#memoryBytes = nth(MEMORY_BYTES, parts.run);
    this.oracle.log.quirks.strandRecords = nth(STRANDS, parts.run);
  }

  /** `run`: its number; runs one after the other differ in what is chosen once. */
  static async open(
    address: ServerAddress,
    mode: ChaosMode,
    random: Random,
    { steps, run }: { readonly steps: number; readonly run: number },
  ): Promise<ChaosWorld> {
    const opened = new AsyncDisposableStack();
    const name = `chaos_${mode.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')}`;
    const oracle = opened.use(await FakeOracle.open(address, name, { fileBytes: FILE_BYTES, ...mode.options }));
    const isRemote = mode.extractType === 'remoteLogMiner';
    const mining = isRemote ? opened.use(await FakeOracle.open(address, `${name}_mining`)) : oracle;
    if (isRemote) mining.mount(oracle, (file) => file.replace('/arch/', '/mnt/source/'));
    oracle.fetched = mining.fetched = FETCHED;
    if (mode.extractType !== 'continuousLogMiner') oracle.archiveLagTarget = 2000;
    const model = new Model();
    const writers = await Writers.open(oracle, random, model);
    Object.assign(oracle.log.quirks, { ...QUIRKS, ...mode.quirks });
    return new ChaosWorld(opened, { oracle, mining, writers, random, mode, model, steps, run });
  }

  connect(): SourceConnector {
    const { oracle, mode } = this;
    const mining = this.#mining;
    const variant = ORACLE_VARIANTS.find(({ type }) => type === mode.type);
    if (variant === undefined) throw new Error(`there is no source type ${mode.type}`);
    const beside = { database: 'elsewhere', password: { env: 'UNUSED' } };
    const settings = oracleSettings(variant).parse({
      ...{ extractType: mode.extractType, host: '127.0.0.1', user: oracle.reader.user, database: 'shop' },
      ...{ tls: { mode: 'off' }, pollSeconds: 1 },
      ...(variant.isPluggable ? { rootDatabase: { ...beside, user: oracle.reader.user } } : {}),
      ...(mining === oracle
        ? {}
        : {
            miningDatabase: { ...beside, user: mining.reader.user, logPaths: [{ from: '/arch/', to: '/mnt/source/' }] },
          }),
      ...mode.settings,
    });
    const open = this.#troubled(oracle.opener());
    const openRoot = variant.isPluggable ? this.#troubled(oracle.opener({ container: ROOT })) : open;
    const openMining = mining === oracle ? openRoot : this.#troubled(mining.opener());
    return oracleConnector(
      { settings, open, openRoot, openMining },
      {
        ...{ pipeline: 'chaos', password: () => Promise.resolve('unused'), secret: () => Promise.resolve('unused') },
        ...{ misfits: () => 'stop', extractThreads: 3, randomness: new SystemRandomness(), log: SILENT },
        ...{ clock: this.#clock(), scratch: this.scratch, logfileProcessed: () => undefined },
      },
      this.#memoryBytes,
    );
  }

  /** Nothing is happening meanwhile. */
  async quietly<T>(work: () => Promise<T>): Promise<T> {
    while (this.#isBusy) await this.#idle;
    this.#isBusy = true;
    const done = work();
    this.#idle = done.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await done;
    } finally {
      this.#isBusy = false;
    }
  }

  /** Something happens, or nothing. `session`: the one in whose place it does. */
  async disturb(session: Session | null, most: number): Promise<void> {
    if (this.#isBusy || this.steps <= 0) return;
    if (session !== null && this.random.chance(0.014)) {
      this.#count('lost sessions');
      session.destroy();
    }
    if (this.kill !== null && this.random.chance(0.014)) {
      this.#count('killed readers');
      this.kill();
    }
    await this.quietly(async () => {
      for (let count = this.random.below(most + 1); count > 0 && this.steps > 0; count--, this.steps--) {
        await this.#step();
      }
    });
    if (this.kill !== null && this.random.chance(0.005)) await this.lose();
    // Whoever waits for more would wait for ever.
    if (this.steps <= 0) this.kill?.();
  }

  /** Everybody is done with writing; what they wrote can be read. */
  async finish(): Promise<void> {
    await this.quietly(async () => {
      this.steps = 0;
      for (const thread of this.oracle.log.threads) thread.isOpen = true;
      await this.writers.finish();
      this.#archive(true);
      this.oracle.log.switchLogs();
    });
  }

  /** What is open ends, and what is full is archived: whoever waits for either waits no longer. */
  async endWaits(): Promise<void> {
    await this.quietly(async () => {
      await this.writers.finish();
      this.#archive(true);
    });
  }

  /** Logs that may not have been read yet are gone, or the log begins anew: nothing is open then. Early in a run, so that much is told behind it. */
  async lose(): Promise<void> {
    if (this.#losses === MOST_LOSSES || this.steps <= this.#half) return;
    this.#losses++;
    await this.quietly(async () => {
      await this.writers.finish();
      this.#archive(true);
      const chance = this.random.fraction();
      this.isLost = true;
      if (chance < 0.4) this.oracle.log.resetLogs();
      else this.oracle.loseLogs({ isKnown: chance < 0.7 });
      this.#count(chance < 0.4 ? 'RESETLOGS' : 'lost logs');
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }

  async #step(): Promise<void> {
    const { log } = this.oracle;
    const chance = this.random.fraction();
    if (chance < 0.86) await this.writers.step();
    else if (chance < 0.89) await this.writers.shift(this.#reading === 0);
    else if (chance < 0.905) log.switchLogs(this.random.chance(0.3) ? undefined : this.random.pick(log.threads).number);
    else if (chance < 0.94) this.#archive(this.random.chance(0.6));
    else if (chance < 0.95) this.#fail(310);
    else if (chance < 0.955) this.#fail(1291);
    else if (chance < 0.965) log.flush();
    else if (chance < 0.975 && log.threads.length > 1) await this.#closeOrOpen();
  }

  /** LogMiner fails once; a mode that it happens to again and again gives up, and rightly so. */
  #fail(number: number): void {
    if (this.#failedAt - this.steps < STEPS_BETWEEN_FAILURES) return;
    this.#failedAt = this.steps;
    this.#count(`ORA-${number}`);
    this.oracle.failMining(number);
  }

  /** Full logs are archived, or wait. */
  #archive(isArchiving: boolean): void {
    for (const thread of this.oracle.log.threads) {
      thread.isArchiving = isArchiving;
      if (isArchiving) thread.archive(this.oracle.log.now());
    }
    if (!isArchiving) this.#count('archiver stopped');
  }

  /** The last instance is shut down, or started. */
  async #closeOrOpen(): Promise<void> {
    const { log } = this.oracle;
    const thread = log.threads.at(-1);
    if (thread === undefined) return;
    if (thread.isOpen) {
      await this.writers.finish(thread.number);
      log.flush();
    } else log.switchLogs(thread.number);
    thread.isOpen = !thread.isOpen;
    this.#count('instances shut down or started');
  }

  #count(fault: string): void {
    this.faults[fault] = (this.faults[fault] ?? 0) + 1;
  }

  /** Time passes at the database while somebody waits, and only then. */
  #clock() {
    return {
      now: () => this.oracle.log.now().getTime(),
      timestamp: () => this.oracle.log.now().toISOString(),
      sleep: async (milliseconds: number, signal: AbortSignal) => {
        this.oracle.log.clockShift += milliseconds;
        await this.disturb(null, this.random.pick([3, 10, 25]));
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
      },
    };
  }

  #troubled(open: SessionOpener): SessionOpener {
    return async (signal) => {
      await this.disturb(null, 1);
      const session = await open(signal);
      const asks = { begin: () => this.#reading++, end: () => this.#reading-- };
      const disturb = async (chance: number) => {
        if (this.random.chance(chance)) await this.disturb(session, STEPS_AT_ONCE);
      };
      return troubledSession(session, disturb, asks);
    };
  }
}

/** A session of which every statement, and every piece of rows, is a moment at which something else may happen. */
function troubledSession(
  session: Session,
  disturb: (chance: number) => Promise<void>,
  asks: { readonly begin: () => void; readonly end: () => void },
): Session {
  const read = async function* (statement: Statement): AsyncGenerator<readonly Row[]> {
    await disturb(AT_STATEMENT);
    asks.begin();
    try {
      for await (const rows of session.read(statement)) {
        yield rows;
        await disturb(AT_ROWS);
      }
    } finally {
      asks.end();
    }
  };
  return {
    read,
    run: async (statement) => {
      await disturb(AT_STATEMENT);
      await session.run(statement);
    },
    destroy: () => session.destroy(),
    get isBroken() {
      return session.isBroken;
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

function nth<Item>(items: readonly Item[], number: number): Item {
  const item = items[number % items.length];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
}
