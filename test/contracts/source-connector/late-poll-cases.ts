import { describe, expect, it } from 'vitest';
import { Random } from '../../fixtures/random.ts';
import { SEED } from './contract.ts';
import { keysOf, type PollBench } from './poll-bench.ts';
import type { PolledSourceUnderTest } from './polled-source.ts';
import { LogReader, NEVER, changesOf, pause, readToNow, select } from './reading.ts';

const WRITERS = 3;
const TRANSACTIONS = 40;

/** Columns of which the server knows what may still be uncommitted: no row is lost because its transaction was slow. */
export function latePollCases({ settled }: PolledSourceUnderTest, bench: () => PollBench): void {
  if (settled.length === 0) return;
  describe.each(settled.map((type, index) => ({ type, index })))('timestamps by $type', ({ type, index }) => {
    const create = (name: string) =>
      bench().run(`CREATE TABLE ${name} (id INTEGER NOT NULL, n INTEGER, v ${type}, PRIMARY KEY (id))`);

    it('a row waits as long as a transaction is open that may have lower ones', async () => {
      const name = `late${index}`;
      await create(name);
      const table = select(bench().database, name, { timestampColumn: 'v' });
      const { source } = bench();
      const start = await source.prepare([table], null, NEVER);
      await using slow = await bench().database.session();
      await slow.run('BEGIN', `INSERT INTO ${name} (id, n) VALUES (1, 0)`);
      await bench().run(`INSERT INTO ${name} (id, n) VALUES (2, 0)`);
      const first = await readToNow(source, start, [table]);
      expect(keysOf(first.events)).toEqual([]);
      await slow.run('COMMIT');
      const second = await readToNow(source, first.reached, [table]);
      expect(keysOf(second.events)).toEqual(['1', '2']);
      await slow.run('BEGIN', `UPDATE ${name} SET n = 1 WHERE id = 1`, 'ROLLBACK');
      await bench().run(`UPDATE ${name} SET n = 1 WHERE id = 2`);
      expect(keysOf((await readToNow(source, second.reached, [table])).events)).toEqual(['2']);
    });

    it('nor is a row lost that is committed while the poll looks at another table', async () => {
      const [name, other] = [`other${index}`, `looked_at${index}`];
      await create(name);
      await create(other);
      const tables = [other, name].map((one) => select(bench().database, one, { timestampColumn: 'v' }));
      const { source } = bench();
      const start = await source.prepare(tables, null, NEVER);
      await bench().run(`INSERT INTO ${other} (id, n) VALUES (1, 0)`);
      await using slow = await bench().database.session();
      await slow.run('BEGIN', `INSERT INTO ${name} (id, n) VALUES (2, 0)`);
      await bench().run(`INSERT INTO ${name} (id, n) VALUES (3, 0)`);
      await using reader = await LogReader.open(source, start, tables);
      while (keysOf(reader.events).length === 0) await reader.next();
      await slow.run('COMMIT');
      await reader.readTo(await source.currentPosition(NEVER));
      expect(keysOf(reader.events)).toEqual(['1', '2', '3']);
    });

    it(`finds every row in the end, however commits and polls meet (seed ${SEED})`, async () => {
      const name = `met${index}`;
      const random = new Random(SEED);
      await create(name);
      const table = select(bench().database, name, { timestampColumn: 'v' });
      const source = bench().connect({ pollSeconds: 0.001 });
      const start = await source.prepare([table], null, NEVER);
      let writing = WRITERS;
      const plans = Array.from({ length: WRITERS }, (_, writer) => planOf(name, writer, random));
      const writers = plans.map(async (transactions) => {
        await using session = await bench().database.session();
        for (const { statements, pauses } of transactions) {
          for (const [place, statement] of statements.entries()) {
            await session.run(statement);
            await pause(pauses[place] ?? 0);
          }
        }
        writing--;
      });
      await using reader = await LogReader.open(source, start, [table]);
      while (writing > 0) await reader.next();
      await Promise.all(writers);
      await reader.readTo(await source.currentPosition(NEVER));
      const read = new Map(changesOf(reader.events).map(({ after }) => [after?.[0], after?.[1]]));
      const rows = await bench().database.admin.rows(`SELECT id, n FROM ${name} ORDER BY id`);
      expect(rows.map(([id]) => [id, read.get(id ?? '')])).toEqual(rows);
    });
  });
}

interface PlannedTransaction {
  readonly statements: readonly string[];
  /** Milliseconds behind each statement. */
  readonly pauses: readonly number[];
}

/** Each writer has rows of its own, so that nobody waits for anybody. Most are written once: who misses one never sees it. */
function planOf(name: string, writer: number, random: Random): PlannedTransaction[] {
  let last = writer;
  return Array.from({ length: TRANSACTIONS }, (_, round) => {
    const changes = Array.from({ length: 1 + random.below(3) }, () => {
      if (random.chance(0.2)) return `UPDATE ${name} SET n = ${round + 1} WHERE id = ${last}`;
      last += WRITERS;
      return `INSERT INTO ${name} (id, n) VALUES (${last}, 0)`;
    });
    const statements = ['BEGIN', ...changes, random.chance(0.2) ? 'ROLLBACK' : 'COMMIT'];
    return { statements, pauses: statements.map(() => random.below(8)) };
  });
}
