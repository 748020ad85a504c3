import type { Connection, RowDataPacket } from 'mysql2/promise';
import { Random } from '../fixtures/random.ts';
import type { SourceClient } from '../fixtures/test-source.ts';

/**
 * Every counter walks 1, 2, 3, 4, is deleted, comes back as 6 and goes on to 8. Kept with history at the destination, each counter
 * must show exactly these steps from where its copy found it: a step that is lost, doubled or out of order is seen at once. A source that
 * tells only what became of a row between two looks (`netChanges`) may leave out steps, but neither the last one nor the order.
 */
const LAST = 8;
const DELETED_AT = 5;

/** Which of a row's versions the source's log has. */
export type Tells = 'everyStep' | 'netChanges';

export class CounterOracle {
  readonly #source: SourceClient;
  readonly #random: Random;
  readonly #counters: number[];
  readonly #tells: Tells;

  constructor(source: SourceClient, counters: number, seed: number, tells: Tells = 'everyStep') {
    this.#tells = tells;
    this.#source = source;
    this.#random = new Random(seed);
    this.#counters = Array.from({ length: counters }, () => 0);
  }

  get isDone(): boolean {
    return this.#counters.every((step) => step === LAST);
  }

  async createTable(): Promise<void> {
    await this.#source.run('CREATE TABLE counters (id INTEGER PRIMARY KEY, step INTEGER NOT NULL)');
  }

  /** Takes `count` steps of counters chosen at random, a few to a transaction. */
  async walk(count: number): Promise<void> {
    for (let taken = 0; taken < count && !this.isDone;) {
      const statements: string[] = [];
      for (let size = 1 + this.#random.below(5); size > 0; size--, taken++) statements.push(...this.#step());
      if (statements.length > 0) await this.#source.run(`BEGIN;${statements.join(';')};COMMIT`);
    }
  }

  #step(): string[] {
    const id = this.#random.below(this.#counters.length);
    const step = (this.#counters[id] ?? LAST) + 1;
    if (step > LAST) return [];
    this.#counters[id] = step;
    if (step === DELETED_AT) return [`DELETE FROM counters WHERE id = ${id}`];
    if (step === 1 || step === DELETED_AT + 1) return [`INSERT INTO counters VALUES (${id}, ${step})`];
    return [`UPDATE counters SET step = ${step} WHERE id = ${id}`];
  }

  /** What is wrong with the history at the destination; empty when nothing is. Everything must have been loaded. */
  async complaints(destination: Connection): Promise<string[]> {
    const [rows] = await destination.query<RowDataPacket[]>(
      `SELECT id, step, CAST(history_start_date AS CHAR) AS start, CAST(history_end_date AS CHAR) AS end
       FROM counters ORDER BY id, __seq`,
    );
    const all = (rows as Record<string, unknown>[]).map((row): Version => ({
      ...{ id: Number(row['id']), step: Number(row['step']) },
      ...{ start: String(row['start']), end: String(row['end']) },
    }));
    const versions = Map.groupBy(all, (version) => version.id);
    return this.#counters.flatMap((step, id) => complaintsOf(id, step, versions.get(id) ?? [], this.#tells));
  }
}

interface Version {
  readonly id: number;
  readonly step: number;
  readonly start: string;
  readonly end: string;
}

function complaintsOf(id: number, reached: number, versions: readonly Version[], tells: Tells): string[] {
  const first = versions[0]?.step;
  const seen = versions.map((version) => version.step);
  if (first === undefined && reached >= 1 && reached !== DELETED_AT)
    return [`counter ${id} at ${reached} has no version`];
  const steps: number[] = [];
  for (let step = first ?? 1; step <= reached; step++) if (step !== DELETED_AT) steps.push(step);
  const last = steps.at(-1);
  // Of one that is deleted, the last look may have been long before that.
  const mayBeUnseen = (step: number) => tells === 'netChanges' && (step !== last || reached === DELETED_AT);
  const expected = steps.filter((step) => seen.includes(step) || !mayBeUnseen(step));
  if (first !== undefined && seen.join() !== expected.join()) {
    return [`counter ${id} shows ${seen.join(' ')} where ${expected.join(' ')} is right`];
  }
  return versions.flatMap((version, index) => {
    const next = versions[index + 1];
    const isOpen = version.end.startsWith('9999-12-31');
    if (next === undefined) {
      const mustBeOpen = reached !== DELETED_AT;
      return isOpen === mustBeOpen ? [] : [`counter ${id}: its last version ends ${version.end}`];
    }
    if (isOpen || version.end > next.start)
      return [`counter ${id}: step ${version.step} ends ${version.end}, the next starts ${next.start}`];
    const wasGone = version.step < DELETED_AT && next.step > DELETED_AT;
    return wasGone || version.end === next.start ? [] : [`counter ${id}: a gap after step ${version.step}`];
  });
}
