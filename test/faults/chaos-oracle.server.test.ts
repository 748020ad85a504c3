import { expect, inject, it } from 'vitest';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import { Random } from '../fixtures/random.ts';
import { Destination } from './oracle-chaos/destination.ts';
import { TableRows } from './oracle-chaos/model.ts';
import { ChaosWorld, Killed, type ChaosMode } from './oracle-chaos/world.ts';
import { TABLES } from './oracle-chaos/writers.ts';

/**
 * A database that behaves as one of Oracle and is never at rest: customers write between the reader's rounds and in their midst, what they write comes
 * into the log late, logs are switched, archived late, lost, sessions end, LogMiner fails, the reader has no memory, is killed and goes on from any place
 * that was stored. What it tells is compared with what the source did, transaction by transaction, and at the end nothing may be left open.
 * SEED begins elsewhere, SEEDS goes on for longer, STEPS makes runs longer.
 */

const SEED = Number(process.env['SEED'] ?? 20_261_101);
const SEEDS = Number(process.env['SEEDS'] ?? 3);
const STEPS = Number(process.env['STEPS'] ?? 320);
const PLUGGABLE = { pluggable: ['SHOP', 'OTHER'] };
/** Archived logs in small passes. */
const PASSES = { logFileCatchupCount: 2, logFileLookAhead: 1 };
const TIMED = new Set(['timed']);
/** What the loss of logs, and a new beginning of the log, is told with. */
const LOSSES = new Set(['PS2001', 'PS2006']);

const MODES: readonly ChaosMode[] = [
  { name: 'oracle19c', type: 'oracle19c', extractType: 'continuousLogMiner', options: {} },
  { name: 'logMiner', type: 'oracle', extractType: 'logMiner', options: {}, settings: PASSES },
  {
    name: 'fastLogMiner',
    type: 'oracle',
    extractType: 'fastLogMiner',
    options: {},
    settings: { ...PASSES, logFileCatchupCount: 4 },
  },
  { name: 'remoteLogMiner', type: 'oracle', extractType: 'remoteLogMiner', options: {}, settings: PASSES },
  { name: 'continuous 18c', type: 'oracle', extractType: 'continuousLogMiner', options: { release: '18.3.0.0.0' } },
  { name: 'inside', type: 'oracle19c', extractType: 'continuousLogMiner', options: PLUGGABLE },
  { name: 'oracle19cPluggable', type: 'oracle19cPluggable', extractType: 'continuousLogMiner', options: PLUGGABLE },
  { name: 'oracleRac', type: 'oracleRac', extractType: 'continuousLogMiner', options: { threads: 2 } },
  {
    name: 'oracleRacPluggable',
    type: 'oracleRacPluggable',
    extractType: 'logMiner',
    options: { ...PLUGGABLE, threads: 2 },
    settings: PASSES,
  },
];

const RUNS = MODES.flatMap((mode, place) =>
  Array.from({ length: SEEDS }, (_, index) => ({
    name: mode.name,
    mode,
    seed: SEED + index,
    run: place + SEED + index,
  })),
);

it.each(RUNS)('$name, seed $seed', async ({ mode, seed, run }) => {
  const random = new Random(seed);
  await using world = await ChaosWorld.open(inject('postgres'), mode, random, { steps: STEPS, run });
  await world.disturb(null, 40);
  const destination = new Destination(world);
  await destination.copyAll();
  for (let ends = 0; world.steps > 0 || !destination.isAtEnd; ends++) {
    const isEnding = world.steps === 0;
    if (isEnding) await world.finish();
    const end = isEnding ? await destination.end() : null;
    const ended = await destination.follow(() => (isEnding ? destination.isAtEnd : world.steps === 0), end);
    if (ended instanceof PenstockError) {
      const isLoss = LOSSES.has(ended.code);
      if (isLoss ? !world.isLost : !TIMED.has(ended.retry)) throw ended;
      if (isLoss) {
        await destination.copyAll();
        // What was copied is not told: something more is to happen.
        if (!isEnding) world.steps = Math.max(world.steps, Math.ceil(STEPS / 4));
      }
      expect(ends, ended.message).toBeLessThan(300);
    }
    if (ended instanceof Killed && random.chance(0.3)) await world.lose();
    else if (random.chance(0.5)) destination.goBack();
  }
  await world.finish();
  // From any place that was stored, all behind it comes once more.
  const end = await destination.end();
  for (let times = 0; times < 3; times++) {
    destination.goBack();
    expect(await destination.follow(() => destination.hasReached(end), end)).toBeNull();
    expect(destination.isFree(end), 'nothing is open at the source, and the position waits for something').toBe(true);
  }
  for (const table of Object.keys(TABLES)) {
    const rows = new TableRows();
    for (const after of await world.writers.sourceRows(table)) rows.apply({ table, op: 'insert', before: null, after });
    if (table !== 'SHIFTING') expect(rows.lines()).toEqual(new TableRows(world.model.rowsAt(table, Infinity)).lines());
  }
  expect(destination.verified).toBeGreaterThan(0);
  expect(world.scratch.files, 'files of readers that are gone').toBe(0);
  console.info(
    `${mode.name}, seed ${seed}: ${destination.verified} transactions told, ${world.scratch.appended} bytes on disk, ${JSON.stringify(world.faults)}`,
  );
});
