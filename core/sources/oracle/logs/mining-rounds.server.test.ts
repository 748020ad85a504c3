import { describe, expect, inject, it } from 'vitest';
import type { FakeAdmin } from '../../../../test/fixtures/oracle-fake/admin-session.ts';
import { FakeOracle, type FakeOptions } from '../../../../test/fixtures/oracle-fake/fake-oracle.ts';
import { objectOf, scnOf } from '../../../../test/fixtures/oracle-fake/mine.ts';
import { MemoryScratch } from '../../../../test/fixtures/memory-scratch.ts';
import { Random } from '../../../../test/fixtures/random.ts';
import type { SourcePosition } from '../../../changes/position.ts';
import { readLineage } from '../lineage.ts';
import { firstPosition, minedPlaceOf } from '../mining/mined-place.ts';
import { minedTransactions } from '../mining/mined-transactions.ts';
import type { MinedEvent } from '../mining/transaction-events.ts';
import type { Session } from '../server/session.ts';
import type { ExtractType } from '../server/variants.ts';
import { chooseMode } from './choose-mode.ts';
import { miningSteps } from './mining-rounds.ts';

const seed = Number(process.env['SEED'] ?? 20_265);
const NEVER = new AbortController().signal;
const STEPS = 360;
/** Looks for new redo, after the last transaction. */
const MOST_LOOKS = 200;
const MOST_RESTARTS = 8;

interface Variant {
  readonly name: string;
  readonly extractType: ExtractType;
  readonly options: FakeOptions;
  /** Mined in a pluggable database itself, not in its root. */
  readonly isInside?: boolean;
}

const VARIANTS: readonly Variant[] = [
  { name: 'log_miner', extractType: 'logMiner', options: {} },
  { name: 'log_miner_rac', extractType: 'logMiner', options: { threads: 2 } },
  { name: 'log_miner_rac_pdb', extractType: 'logMiner', options: { threads: 2, pluggable: ['PDB1', 'PDB2'] } },
  { name: 'fast', extractType: 'fastLogMiner', options: {} },
  { name: 'fast_pdb', extractType: 'fastLogMiner', options: { pluggable: ['PDB1', 'PDB2'] } },
  { name: 'remote', extractType: 'remoteLogMiner', options: {} },
  { name: 'online', extractType: 'continuousLogMiner', options: {} },
  { name: 'online_rac', extractType: 'continuousLogMiner', options: { threads: 2 } },
  { name: 'online_pdb', extractType: 'continuousLogMiner', options: { pluggable: ['PDB1', 'PDB2'] } },
  { name: 'continuous_18', extractType: 'continuousLogMiner', options: { release: '18.3.0.0.0' } },
  { name: 'inside', extractType: 'continuousLogMiner', options: { pluggable: ['PDB1', 'PDB2'] }, isInside: true },
];

interface Writer {
  readonly admin: FakeAdmin;
  readonly isWatched: boolean;
  /** Of the transaction that is open; null: none is. */
  rows: number[] | null;
}

/** Sessions that write, and what they committed: the numbers of the rows of each transaction, in the order of commits. */
class Workload {
  readonly committed: number[][] = [];
  readonly #writers: Writer[];
  readonly #random: Random;
  readonly #oracle: FakeOracle;
  #row = 0;

  constructor(oracle: FakeOracle, random: Random, writers: readonly (readonly [FakeAdmin, boolean])[]) {
    this.#oracle = oracle;
    this.#random = random;
    this.#writers = writers.map(([admin, isWatched]) => ({ admin, isWatched, rows: null }));
  }

  async step(): Promise<void> {
    const writer = this.#random.pick(this.#writers);
    const chance = this.#random.fraction();
    if (writer.rows === null) {
      await writer.admin.run('BEGIN');
      writer.rows = [];
    } else if (chance < 0.6) writer.rows.push(...(await this.#insert(writer.admin, 1 + this.#random.below(3))));
    else if (chance < 0.7) {
      await writer.admin.run('SAVEPOINT s');
      await this.#insert(writer.admin, 2);
      await writer.admin.run('ROLLBACK TO SAVEPOINT s');
    } else if (chance < 0.78) {
      await writer.admin.run('ROLLBACK');
      writer.rows = null;
    } else if (chance < 0.95) await this.#commit(writer);
    else this.#oracle.log.switchLogs();
  }

  async finish(): Promise<void> {
    for (const writer of this.#writers) if (writer.rows !== null) await this.#commit(writer);
    this.#oracle.log.switchLogs();
  }

  async #commit(writer: Writer): Promise<void> {
    await writer.admin.run('COMMIT');
    if (writer.isWatched && writer.rows !== null && writer.rows.length > 0) this.committed.push(writer.rows);
    writer.rows = null;
  }

  async #insert(admin: FakeAdmin, count: number): Promise<number[]> {
    const rows = Array.from({ length: count }, () => ++this.#row);
    for (const row of rows) await admin.run(`INSERT INTO thing VALUES (${row}, 'note ${row}')`);
    return rows;
  }
}

/** What is told: whole transactions, and the place behind the last one. */
class ToldRows {
  readonly transactions: number[][] = [];
  position: SourcePosition;
  #rows: number[] = [];

  constructor(after: SourcePosition) {
    this.position = after;
  }

  accept(event: MinedEvent): void {
    if (event.tag === 'obstacle') throw new Error(event.reason);
    if (event.tag === 'begin') this.#rows = [];
    if (event.tag === 'change') this.#rows.push(Number(/values \('(\d+)'/.exec(event.record.sql ?? '')?.[1]));
    if (event.tag === 'commit') this.transactions.push(this.#rows);
    if (event.tag === 'commit' || event.tag === 'heartbeat') this.position = event.position;
  }
}

/** A container database is read in its root; `watched` holds the tables. */
async function openWatched(oracle: FakeOracle, isRoot: boolean): Promise<Session> {
  const session = await oracle.opener(oracle.isContainerDatabase ? { container: 'PDB1' } : {})(NEVER);
  if (isRoot && oracle.isContainerDatabase) await session.run({ tag: 'setRoot' });
  return session;
}

async function writersOf(oracle: FakeOracle): Promise<(readonly [FakeAdmin, boolean])[]> {
  const create = 'CREATE TABLE thing (id INTEGER NOT NULL, note VARCHAR2(80), PRIMARY KEY (id))';
  const threads = oracle.log.threads.map(({ number }) => number);
  if (!oracle.isContainerDatabase) {
    const admins = [...threads, ...threads, 1].map((thread) => oracle.admin({ thread }));
    await admins[0]?.run(create);
    return admins.map((admin) => [admin, true]);
  }
  const writers: (readonly [FakeAdmin, boolean])[] = [];
  for (const container of ['PDB1', 'PDB2']) {
    const admins = [...threads, 1].map((thread) => oracle.admin({ container, thread }));
    await admins[0]?.run(create);
    for (const admin of admins) writers.push([admin, container === 'PDB1']);
  }
  return writers;
}

describe(`committed transactions of a fake Oracle (SEED=${seed})`, () => {
  it.each(VARIANTS)('$name', async ({ name, extractType, options, isInside = false }) => {
    const random = new Random(seed);
    await using oracle = await FakeOracle.open(inject('postgres'), `rounds_${name}`, { fileBytes: 3000, ...options });
    await using other = await FakeOracle.open(inject('postgres'), `rounds_${name}_mining`);
    other.mount(oracle, (path) => path.replace('/arch/', '/mnt/source/'));
    const workload = new Workload(oracle, random, await writersOf(oracle));
    Object.assign(oracle.log.quirks, {
      ...{ privateStrands: true, partialUndo: true, startsWithoutAddress: true, rowsWithoutAddress: 7 },
    });
    await using session = await openWatched(oracle, false);
    await using root = await openWatched(oracle, !isInside);
    const lineage = await readLineage(session);
    if (extractType === 'remoteLogMiner') await session.run({ tag: 'buildDictionary' });
    const scn = await scnOf(root);
    const after = firstPosition(lineage, { startScn: scn, openFloorScn: scn, open: [] });
    const objects = [await objectOf(session, 'THING')];
    // By their names alone, as those of a partition that nobody knew of.
    const wanted = options.threads === 2 ? { objects: [], tables: [{ schema: 'APP', name: 'THING' }] } : { objects };
    const container = oracle.isContainerDatabase && !isInside ? 'PDB1' : null;
    const ended = new AbortController();
    let steps = 0;
    const steppingClock = {
      now: () => Date.now(),
      timestamp: () => new Date().toISOString(),
      sleep: async (_: number, signal: AbortSignal) => {
        for (let count = 0; count < 6 && steps < STEPS; count++) {
          await workload.step();
          steps++;
        }
        if (steps++ === STEPS) await workload.finish();
        if (steps > STEPS + MOST_LOOKS) ended.abort(new Error('nothing comes any more'));
        if (random.chance(0.1)) oracle.failMining(310);
        signal.throwIfAborted();
      },
    };
    const mode = chooseMode(extractType, {
      release: Number.parseInt(options.release ?? '19', 10),
      isInPluggable: isInside,
      logPaths: [{ from: '/arch/', to: '/mnt/source/' }],
    });
    const told = new ToldRows(after);
    const isOver = () => steps > STEPS && told.transactions.length >= workload.committed.length;
    for (let restarts = 0; !isOver(); restarts++) {
      const mined = minedTransactions(
        miningSteps(
          {
            access: {
              openRoot: () => openWatched(oracle, !isInside),
              openMining: () => openWatched(extractType === 'remoteLogMiner' ? other : oracle, !isInside),
            },
            clock: steppingClock,
            mode,
            resume: minedPlaceOf(told.position).resume,
            limits: { count: 3, minutes: null, offsetMinutes: 0, lookAhead: 1 },
            sessions: 3,
            archiveDestination: null,
            filter: () => Promise.resolve({ ...wanted, container }),
            requireLineage: () => Promise.resolve(),
            looked: () => undefined,
            logfileProcessed: () => undefined,
            pollMilliseconds: 1000,
          },
          ended.signal,
        ),
        {
          ...{ after: told.position, scratch: new MemoryScratch(), memoryBytes: 4000 },
          follows: (table) => table.container?.name !== 'PDB2',
        },
      );
      for await (const events of mined) {
        for (const event of events) told.accept(event);
        // Some transaction may be told in part: it comes again as a whole.
        if (isOver() || (restarts < MOST_RESTARTS && random.chance(0.15))) break;
      }
    }
    expect(told.transactions).toEqual(workload.committed);
    expect(told.transactions.length).toBeGreaterThan(10);
  });
});
