import { connectionError } from '../../../core/sources/oracle/errors.ts';
import type { Session, SessionOpener } from '../../../core/sources/oracle/server/session.ts';
import type { Statement } from '../../../core/sources/oracle/statements/statement.ts';
import type { Row } from '../../../core/sources/session.ts';
import { LogMiner } from '../../fixtures/oracle-fake/log-miner.ts';
import { oracleError } from '../../fixtures/oracle-fake/oracle-error.ts';
import type { Random } from '../random.ts';
import { reasonOf } from '../simulated-process.ts';
import type { VirtualTime } from '../virtual-time.ts';
import { answer, type Place } from './answers.ts';
import type { Container, Database } from './database.ts';
import type { Weather } from './weather.ts';

/** A reader's process, which may end at any await: whatever it waits for then never comes. */
export interface ReaderLife {
  isOver: boolean;
  /** Failures of LogMiner that are still allowed: who meets too many gives up, and rightly so. */
  missing: number;
  overwritten: number;
  /** Sessions that are open. */
  sessions: number;
}

export interface ServerWorld {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly weather: Weather;
  readonly database: Database;
  /** How the server that mines knows the source's files; null: it is the source. */
  readonly mounted: ((path: string) => string) | null;
  /** What was refused because undo is gone. */
  readonly refused: (scn: string) => void;
}

const LATENCY_MILLISECONDS = 6;
/** Place of CSF in a row of LogMiner. */
const CSF = 4;
/** How much likelier it is that reading ends in the midst of a statement. */
const IN_STATEMENT = 8;
const CANNOT_BE_OPENED = 1284;
const MISSING = 1291;

/** Opens sessions. `container`: null for the root. `mines`: on the server that mines the logs. */
export function opener(
  world: ServerWorld,
  life: ReaderLife,
  to: { readonly container: Container | null; readonly mines: boolean },
): SessionOpener {
  return async (signal) => {
    const session = new SimulatedSession(world, life, to);
    try {
      await session.moment('login');
      signal.throwIfAborted();
      if (world.random.chance(world.weather.refusedLogin)) throw refused();
    } catch (error) {
      session.destroy();
      signal.throwIfAborted();
      throw connectionError(error, 'connect to the simulation');
    }
    return session;
  };
}

/** A session of the simulated database: everything that it is asked for takes virtual time, in which anything else may happen. */
class SimulatedSession implements Session {
  readonly #world: ServerWorld;
  readonly #life: ReaderLife;
  readonly #place: Place;
  readonly #miner: LogMiner;
  readonly #pending = new Set<() => void>();
  isBroken = false;

  constructor(
    world: ServerWorld,
    life: ReaderLife,
    { container, mines }: { readonly container: Container | null; readonly mines: boolean },
  ) {
    this.#world = world;
    this.#life = life;
    life.sessions++;
    const { database, random, mounted } = world;
    const isElsewhere = mines && mounted !== null;
    this.#place = { database, container };
    this.#miner = new LogMiner({
      ...{ log: database.log, container: container?.name ?? null, release: database.options.release },
      open: (name) => (isElsewhere ? openMounted(database, mounted, name) : database.open(name)),
      dictionaryOf: (name) => database.dictionaryOf(name),
      owns: () => !isElsewhere,
      trouble: () => null,
      remembered: database.remembered,
      fetched: () => random.between(1, 60),
    });
  }

  async *read(statement: Statement): AsyncGenerator<readonly Row[]> {
    let isWhole = false;
    try {
      await this.moment(statement.tag);
      if (statement.tag === 'minedRows') yield* this.#mined(statement);
      else {
        const rows = await this.#answer(statement);
        // What was true when it was asked may not be so any more when it is told.
        if (this.#world.random.chance(0.4)) await this.moment(`${statement.tag} ←`);
        if (rows.length > 0) yield rows;
      }
      isWhole = true;
    } catch (error) {
      isWhole = !this.isBroken;
      throw error;
    } finally {
      if (!isWhole) this.destroy();
    }
  }

  async run(statement: Statement): Promise<void> {
    await this.moment(statement.tag);
    const { tag } = statement;
    if (tag === 'addLogFile') {
      this.#mayFail(CANNOT_BE_OPENED);
      this.#miner.add(statement.file, statement.isFirst);
    } else if (tag === 'startMining') {
      this.#mayFail(MISSING);
      const { from, upTo, dictionary, isContinuous } = statement;
      this.#miner.start(BigInt(from), scnOf(upTo), dictionary, isContinuous);
    } else if (tag === 'endMining') this.#miner.end();
    else await answer(this.#place, statement);
  }

  destroy(): void {
    if (this.isBroken) return;
    this.isBroken = true;
    this.#life.sessions--;
    for (const fail of this.#pending) fail();
    this.#pending.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.destroy();
    return Promise.resolve();
  }

  /** Time passes, and the session may be lost. */
  moment(label: string): Promise<void> {
    const { time, random, weather } = this.#world;
    return new Promise((resolve, reject) => {
      const fail = () => reject(gone());
      if (this.isBroken) {
        fail();
        return;
      }
      this.#pending.add(fail);
      time.after(random.fraction() * LATENCY_MILLISECONDS, label, () => {
        if (this.#life.isOver || !this.#pending.delete(fail)) return;
        if (!random.chance(weather.lostSession)) {
          resolve();
          return;
        }
        fail();
        this.destroy();
      });
    });
  }

  #answer(statement: Statement): Row[] | Promise<Row[]> {
    if (statement.tag === 'minedLogs') return this.#miner.logs();
    const { random, weather, refused } = this.#world;
    if (statement.tag === 'rows' && random.chance(weather.undoGone)) {
      refused(statement.asOf ?? '');
      throw oracleError(1555, 'snapshot too old');
    }
    return answer(this.#place, statement);
  }

  /** Pieces of any size, with a statement's rows in several of them. */
  async *#mined({ from, upTo, filter }: Extract<Statement, { tag: 'minedRows' }>): AsyncGenerator<readonly Row[]> {
    const { random, weather } = this.#world;
    for await (const rows of this.#miner.rows(BigInt(from), scnOf(upTo), filter, () => this.isBroken)) {
      for (let at = 0; at < rows.length;) {
        const count = random.chance(0.5) ? rows.length : random.between(1, 6);
        yield rows.slice(at, at + count);
        at += count;
        await this.moment('minedRows …');
        const isInStatement = rows[at - 1]?.[CSF] === '1';
        if (
          this.#life.overwritten > 0 &&
          random.chance(isInStatement ? IN_STATEMENT * weather.overwritten : weather.overwritten)
        ) {
          this.#life.overwritten--;
          throw oracleError(310, 'as it was told to fail');
        }
      }
    }
  }

  /** A log that was listed is not there for a moment. */
  #mayFail(number: number): void {
    const { random, weather } = this.#world;
    if (this.#life.missing === 0 || !random.chance(weather.missingLog)) return;
    this.#life.missing--;
    throw oracleError(number, 'as it was told to fail');
  }
}

function openMounted(
  database: Database,
  mounted: (path: string) => string,
  name: string,
): ReturnType<Database['open']> {
  const file = database.log.files().find(({ archive }) => archive?.isOnDisk === true && mounted(archive.name) === name);
  return file === undefined ? null : { name, file, isOnline: false, log: database.log };
}

function gone(): Error {
  return Object.assign(new Error('NJS-500: connection to the Oracle Database was broken'), { code: 'NJS-500' });
}

function refused(): Error {
  return Object.assign(new Error('NJS-503: connection could not be established'), { code: 'NJS-503' });
}

function scnOf(text: string | null): bigint | null {
  return text === null ? null : BigInt(text);
}

/** Resolves after so many milliseconds of virtual time, unless the process has ended. */
export function sleep(time: VirtualTime, life: ReaderLife, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(reasonOf(signal));
      return;
    }
    const abort = (): void => {
      planned.action = null;
      reject(reasonOf(signal));
    };
    const planned = time.after(milliseconds, 'reader wakes', () => {
      if (life.isOver) return;
      signal.removeEventListener('abort', abort);
      resolve();
    });
    signal.addEventListener('abort', abort, { once: true });
  });
}
