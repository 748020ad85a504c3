import { setTimeout as sleep } from 'node:timers/promises';
import { expect, inject, it } from 'vitest';
import { TestPipeline, type Following } from '../fixtures/pipeline.ts';
import { Random } from '../fixtures/random.ts';
import { sqlserverTestSource } from '../fixtures/sqlserver-source.ts';
import { CounterOracle } from './counter-oracle.ts';
import { endingSessions } from './ending-sessions.ts';

/**
 * A pipeline from a database that behaves as one of SQL Server, whose sessions are ended at random while it copies and follows, and that is
 * itself stopped and started again, while customers go on: what arrives equals the source, each step once and in order.
 */

const SEED = Number(process.env['SEED'] ?? 7);
const COUNTERS = 60;
const ROWS = 400;
const SETUP = `CREATE TABLE items (id integer PRIMARY KEY, n integer, name varchar(40));
  INSERT INTO items SELECT n, 0, concat('item ', n) FROM generate_series(1, ${ROWS}) n`;

it.each(['changeTracking', 'cdc'] as const)(
  '%s: sessions are ended at random while customers go on',
  async (extractType) => {
    const random = new Random(SEED);
    console.info(`chaos of ${extractType}: seed ${SEED}`);
    await using pipeline = await TestPipeline.open({
      ...{
        sourceType: sqlserverTestSource(extractType),
        sourceServer: inject('postgres'),
        destinationServer: inject('mariadb'),
      },
      setup: SETUP,
      tables: ['items', { name: 'counters', transfer: 'history' }],
      source: { extractType, pollSeconds: 0.02 },
      more: { extracts: { seconds: 0.05, rows: 30, chunkBytes: 2000 } },
    });
    const tells = extractType === 'cdc' ? 'everyStep' : 'netChanges';
    const oracle = new CounterOracle(pipeline.source, COUNTERS, SEED, tells);
    await oracle.createTable();
    await oracle.walk(30);
    const whileCopying = endingSessions([pipeline.name], random, 6);
    await pipeline.copied();
    let killed = await whileCopying.stop();
    const whileFollowing = endingSessions([pipeline.name], random, 1000);
    let following: Following = pipeline.follow();
    for (let round = 0; !oracle.isDone; round++) {
      await oracle.walk(6);
      const id = 1 + random.below(ROWS);
      await pipeline.write(
        `BEGIN; UPDATE items SET n = n + 1 WHERE id BETWEEN ${id} AND ${id + 5}; DELETE FROM items WHERE id = ${id + 7}; INSERT INTO items VALUES (${ROWS + round + 1}, ${round}, 'new'); COMMIT`,
      );
      await sleep(random.below(60));
      if (random.chance(0.05)) {
        await following[Symbol.asyncDispose]();
        following = pipeline.follow();
      }
    }
    killed += await whileFollowing.stop();
    await following.stop();
    await pipeline.followed();
    expect(killed).toBeGreaterThan(5);
    expect(await oracle.complaints(pipeline.destination), `seed ${SEED}`).toEqual([]);
    expect(await pipeline.differences(), `seed ${SEED}`).toEqual([]);
    const versions = Number((await pipeline.rows('SELECT COUNT(*) FROM counters'))[0]?.[0]);
    console.info(`chaos of ${extractType}: ${killed} sessions ended, ${versions} versions of ${COUNTERS} counters`);
  },
);
