import { MemoryScratch } from '../fixtures/memory-scratch.ts';
import { timestampFromMicroseconds } from '../../core/changes/timestamp.ts';
import type { Codec, Host, WakeUps } from '../../core/host/host.ts';
import type { ExtractStore } from '../../core/extracts/extract-store.ts';
import type { ItemTable } from '../../core/catalog/item-table.ts';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import { reasonOf, type SimulatedProcess } from './simulated-process.ts';

/** Who waits for wake-ups, across all processes. */
export class WakeUpServer {
  readonly #waiting = new Set<() => void>();

  wakeAll(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  add(wake: () => void): void {
    this.#waiting.add(wake);
  }

  remove(wake: () => void): void {
    this.#waiting.delete(wake);
  }
}

/** The ports of one process, all of them bound to its life. */
export function simulatedHost(
  process: SimulatedProcess,
  ports: { readonly items: ItemTable; readonly store: ExtractStore; readonly wakeUps: WakeUpServer },
  ownerIsGone: (owner: string) => boolean,
): Host {
  const { world } = process;
  const { time, random } = world;
  return {
    clock: {
      now: () => time.epochMilliseconds,
      timestamp: () => timestampFromMicroseconds(time.epochMicroseconds),
      sleep: (milliseconds, signal) => process.sleep(milliseconds, signal),
    },
    randomness: { identifier: () => random.identifier(16), fraction: () => random.fraction() },
    codec: identityCodec,
    store: ports.store,
    items: ports.items,
    events: {
      emit: (event) => time.note(`${process.name} event ${event.type}${'errorId' in event ? ` ${event.errorId}` : ''}`),
    },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    secrets: { read: () => Promise.reject(new PenstockError('PS1002', 'there are none')) },
    wakeUps: simulatedWakeUps(process, ports.wakeUps),
    scratch: new MemoryScratch(),
    owner: process.name,
    ownerIsGone,
    failpoint: (name) => {
      if (!random.chance(world.weather.crashAtFailpoint)) return Promise.resolve();
      process.crash(`at ${name}`);
      return new Promise(() => undefined);
    },
  };
}

/** Wake-ups that are lost, doubled and late. */
function simulatedWakeUps(process: SimulatedProcess, server: WakeUpServer): WakeUps {
  const { time, random, weather } = process.world;
  return {
    signal: () => {
      const times = random.chance(weather.wakeUpLost) ? 0 : random.chance(weather.wakeUpDoubled) ? 2 : 1;
      for (let count = 0; count < times; count++) {
        time.after(random.between(0, 30), 'wake-up', () => server.wakeAll());
      }
    },
    wait: (_pipeline, milliseconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(reasonOf(signal));
          return;
        }
        const end = (settle: () => void): void => {
          planned.action = null;
          server.remove(wake);
          signal.removeEventListener('abort', abort);
          settle();
        };
        const wake = (): void => process.deliver('wake', () => end(resolve));
        const abort = (): void => end(() => reject(reasonOf(signal)));
        const planned = time.after(milliseconds, `${process.name} has waited`, wake);
        signal.addEventListener('abort', abort, { once: true });
        server.add(wake);
      }),
  };
}

const identityCodec: Codec = {
  name: 'identity',
  compress: (plain) => Promise.resolve(plain),
  decompress: (compressed) => Promise.resolve(compressed),
  compressStream: (plain) => plain,
  decompressStream: (compressed) => compressed,
};
