import { sizeOf, type Size } from '../deployment/volumes.ts';
import type { Volume } from '../deployment/deployment.ts';
import { PRICES, type PriceName } from './prices.ts';
import { ASSUMED } from './usage.ts';

/** Bytes of rows that a copy task reads in a second; a source that is far away or busy gives less. */
export const COPY_BYTES_PER_SECOND = 20_000_000;
/** core/pipeline: `extracts.chunkBytes`, unless it is set. */
const CHUNK_BYTES = 16_000_000;
/** Listed, taken, extracted, loaded. */
const WRITES_PER_CHUNK = 4;
/** infra/pipeline/function-table.ts: the memory of `load-chunks`, in GB. */
const LOADER_GIGABYTES = 2;
/** A round of loading: LoadChunks, FinishCopy, the choice, the pause. */
const TRANSITIONS_PER_ROUND = 4;
const ROUND_SECONDS = 5;
/** infra/stacks/data-stack.ts keeps copies for 30 days, and a week more as noncurrent versions; a month has 30.4. */
const KEPT_MONTHS = 37 / 30.4;

/** A full extract, once. */
export interface CopyCost {
  readonly hours: number;
  readonly dollars: number;
}

/** Pure: what a full extract of so many gigabytes of rows costs and takes, where neither end is slower than {@link COPY_BYTES_PER_SECOND}. */
export function copyCost(volume: Volume, gigabytes: number): CopyCost {
  const size = sizeOf(volume);
  const bytes = gigabytes * 1e9;
  const seconds = bytes / (size.copyTasks * COPY_BYTES_PER_SECOND);
  const hours = seconds / 3600;
  const chunks = Math.ceil(bytes / CHUNK_BYTES);
  const counts: readonly (readonly [count: number, price: PriceName])[] = [
    ...taskHours(size, size.copyTasks * hours),
    [chunks, 'put'],
    [chunks, 'get'],
    [chunks * WRITES_PER_CHUNK, 'writeUnit'],
    [seconds * LOADER_GIGABYTES, 'lambdaSecond'],
    [(seconds / ROUND_SECONDS) * TRANSITIONS_PER_ROUND, 'transition'],
    [gigabytes * ASSUMED.compression * KEPT_MONTHS, 'bucketMonth'],
  ];
  return { hours, dollars: counts.reduce((sum, [count, price]) => sum + count * PRICES[price].dollars, 0) };
}

function taskHours(
  { cpu, memory, taskDisk }: Size,
  hours: number,
): readonly (readonly [count: number, price: PriceName])[] {
  return [
    [(hours * cpu) / 1024, 'fargateCpuHour'],
    [(hours * memory) / 1024, 'fargateMemoryHour'],
    [hours * (taskDisk - 20), 'fargateDiskHour'],
  ];
}
