import { statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import type { ResourceUse } from '../../core/operations/replication/reader-status.ts';

/** What this process uses: its memory against the container's limit (the machine's memory where there is none), and the disk of `folder`. */
export async function resourceUse(folder: string): Promise<ResourceUse> {
  const limit = process.constrainedMemory();
  const memory = totalmem();
  return {
    diskFreeBytes: await diskFree(folder),
    memoryUsedBytes: process.memoryUsage.rss(),
    // Without a limit the kernel says a number beyond all memory.
    memoryLimitBytes: limit > 0 && limit < memory ? limit : memory,
  };
}

async function diskFree(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
