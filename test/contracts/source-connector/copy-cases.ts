import { describe, expect, it } from 'vitest';
import { digestSum } from '../../../core/sources/converted-digests.ts';
import { decodeLine } from '../../../core/extracts/row-encoding.ts';
import { digestOf } from './choice-cases.ts';
import { failure } from './contract.ts';
import type { PollBench } from './poll-bench.ts';
import { NEVER, copyTable, describeOne, select } from './reading.ts';

/** Extract type Full Extracts: tables are copied, and nothing else is ever read. */
export function copyCases(bench: () => PollBench): void {
  describe('full extracts', () => {
    const connect = () => bench().connect({ extractType: 'fullExtracts' });

    it('copies tables with and without a key, and never has a change', async () => {
      const { database } = bench();
      await using full = connect();
      expect(full.mode).toBe('full');
      await bench().run(
        'CREATE TABLE copied (id INTEGER NOT NULL, t VARCHAR(20), PRIMARY KEY (id))',
        'CREATE TABLE copied_keyless (t VARCHAR(20))',
        `INSERT INTO copied VALUES (1, 'a'), (2, NULL)`,
        `INSERT INTO copied_keyless VALUES ('a'), ('a')`,
      );
      const tables = [select(database, 'copied'), select(database, 'copied_keyless')];
      const start = await full.prepare(tables, null, NEVER);
      expect((await copyTable(full, tables[0]!)).rows.sort()).toEqual([
        ['1', 'a'],
        ['2', null],
      ]);
      expect((await copyTable(full, tables[1]!)).rows.map(([, text]) => text)).toEqual(['a', 'a']);
      const controller = new AbortController();
      await using stream = await full.openStream(start, tables, controller.signal);
      const next = stream[Symbol.asyncIterator]().next();
      controller.abort(new Error('enough'));
      await expect(next).rejects.toThrow('enough');
      expect(await failure(full.checkReach(start, NEVER))).toMatchObject({ code: 'PS2006' });
      await full.teardown(NEVER);
      expect(await database.remains(), 'nothing is made at the source').toEqual([]);
    });

    it('verifies what it copied, and fetches rows of it again', async () => {
      const { database } = bench();
      await using full = connect();
      await bench().run(
        'CREATE TABLE verified (id INTEGER NOT NULL, t VARCHAR(20), PRIMARY KEY (id))',
        `INSERT INTO verified VALUES (1, 'a'), (2, NULL), (3, 'ü')`,
      );
      const selection = select(database, 'verified');
      const schema = await describeOne(full, selection);
      const { rows } = await copyTable(full, selection);
      const digests = rows.map((texts) => digestOf(schema, texts));
      const request = { selection, schema, range: { tag: 'whole' } as const };
      expect(await full.checksum(request, NEVER)).toEqual({ rows: 3, sum: digestSum(digests) });
      const listed: string[] = [];
      for await (const { digest } of full.rowDigests(request, NEVER)) listed.push(digest);
      expect(listed.sort()).toEqual(digests.sort());
      const fetched: Buffer[] = [];
      for await (const bytes of full.fetchRows({ selection, schema, keys: [['3'], ['9']] }, NEVER).bytes)
        fetched.push(Buffer.from(bytes));
      expect(decodeLine(Buffer.concat(fetched).toString('utf8').trimEnd())).toEqual(['3', 'ü']);
    });
  });
}
