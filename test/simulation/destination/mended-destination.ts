import type { Destination } from '../../../core/destinations/destination.ts';
import { PenstockError } from '../../../core/errors/penstock-error.ts';
import type { SimulatedProcess } from '../simulated-process.ts';
import { collect } from '../simulated-store.ts';
import type { DestinationServer } from './destination-server.ts';

type Mended = Pick<Destination, 'repair' | 'beginReplays' | 'replay' | 'finishReplay' | 'dropReplay'>;

/** What makes rows good that are not as they should be: one transaction each, at one moment. */
export function mendedDestination(server: DestinationServer, process: SimulatedProcess): Mended {
  const fails = 'PS4009';
  const { random, weather } = process.world;
  const inTransaction = (what: string, work: () => void, signal: AbortSignal): Promise<void> =>
    process.call(
      what,
      () => {
        if (random.chance(weather.rolledBack)) throw new PenstockError('PS4010', what);
        work();
      },
      { fails, signal },
    );
  return {
    async repair(step, signal) {
      const bytes = await collect(step.open());
      const what = `repair ${step.keys.length} rows of ${step.target.name} at ${step.applied}`;
      await inTransaction(what, () => server.repair(step, bytes), signal);
      return NO_ROWS;
    },
    beginReplays: (start, signal) => inTransaction('begin replays', () => server.beginReplays(start), signal),
    async replay(step, signal) {
      const bytes: Buffer[] = [];
      for (const part of step.parts) bytes.push(await collect(part.open()));
      await inTransaction(`replay ${step.extract} of ${step.target.name}`, () => server.replay(step, bytes), signal);
    },
    async finishReplay(end, signal) {
      await inTransaction(`finish replay of ${end.target.name}`, () => server.finishReplay(end), signal);
      return NO_ROWS;
    },
    dropReplay: (end, signal) =>
      inTransaction(`drop replay of ${end.target.name}`, () => server.dropReplay(end), signal),
  };
}

const NO_ROWS = { inserts: 0, updates: 0, deletes: 0 };
