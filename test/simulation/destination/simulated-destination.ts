import type { Destination } from '../../../core/destinations/destination.ts';
import { PenstockError } from '../../../core/errors/penstock-error.ts';
import { describeType } from '../../../core/changes/column-type.ts';
import { tableId } from '../../../core/changes/table-name.ts';
import type { SimulatedProcess } from '../simulated-process.ts';
import { collect } from '../simulated-store.ts';
import { comparedDestination } from './compared-destination.ts';
import type { DestinationServer } from './destination-server.ts';
import { mendedDestination } from './mended-destination.ts';

/** A process's connection to the simulated destination. Staging is what {@link Destination.merge} collects before its one moment. */
export function simulatedDestination(server: DestinationServer, process: SimulatedProcess): Destination {
  const fails = 'PS4009';
  const { random, weather } = process.world;
  return {
    check: () => Promise.resolve([]),
    takeLedger: (_pipeline, epoch, signal) =>
      process.call(`take ledger ${epoch}`, () => server.takeLedger(epoch), { fails, signal }),
    ledger: (_pipeline, signal) => process.call('read ledger', () => server.ledger(), { fails, signal }),
    async merge(step, signal) {
      const bytes: Buffer[] = [];
      for (const part of step.parts) bytes.push(await collect(part.open()));
      return process.call(
        `merge ${step.extract}`,
        () => {
          if (random.chance(weather.rolledBack)) throw new PenstockError('PS4010', `extract ${step.extract}`);
          return server.merge(step, bytes);
        },
        { fails, signal },
      );
    },
    describe: (target, signal) =>
      process.call(
        `describe ${target.name}`,
        () => {
          const stored = server.tables.get(tableId(target.schema.table));
          if (stored === undefined) return null;
          return target.columns
            .filter(({ name }) => stored.columns.includes(name))
            .map(({ name, type, nullable }) => ({ name, type: describeType(type), nullable }));
        },
        { fails, signal },
      ),
    createTable: (target, signal) =>
      process.call(`create ${target.name}`, () => server.createTable(target), { fails, signal }),
    applyStructure: (target, change, signal) =>
      process.call(
        `${change.tag} ${target.name}.${change.column}`,
        () => {
          if (change.tag === 'add') server.addColumn(target, change.column);
        },
        { fails, signal },
      ),
    beginCopy: (run, signal) =>
      process.call(`begin copy of ${run.target.name}`, () => server.beginCopy(run), { fails, signal }),
    async copyChunk(run, chunk, signal) {
      const bytes = await collect(chunk.open());
      const load = () => ({ alreadyLoaded: server.copyChunk(run, chunk.index, chunk.rows, bytes) });
      return process.call(`copy chunk ${chunk.index} of ${run.target.name}`, load, { fails, signal });
    },
    finishCopy: (run, applied, signal) =>
      process.call(`finish copy of ${run.target.name}`, () => server.finishCopy(run, applied), { fails, signal }),
    unfitRows: notSimulated,
    dropColumn: notSimulated,
    keyFaults: notSimulated,
    quarantined: notSimulated,
    quarantineCounts: notSimulated,
    releaseQuarantined: notSimulated,
    rebuild: notSimulated,
    endRebuild: notSimulated,
    ...comparedDestination(server, process),
    ...mendedDestination(server, process),
    dropStaging: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function notSimulated(): Promise<never> {
  return Promise.reject(new Error('not simulated'));
}
