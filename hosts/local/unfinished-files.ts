import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ownerIsGone, processOwner } from './process-owner.ts';
import { isSystemError } from './system-error.ts';

/** A put that wrote nothing for so long is taken for dead; if it is not, its rename fails and it is put again. */
const ABANDONED_MILLISECONDS = 24 * 60 * 60 * 1000;

/** Files that are being written, in a directory of their own. Their names tell who writes them, so that what a killed process left can be removed. */
export class UnfinishedFiles {
  readonly #directory: string;
  readonly #owner = encodeURIComponent(processOwner());

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The path of a file that is not there yet; its directory is. */
  async newPath(): Promise<string> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    return join(this.#directory, `${this.#owner}~${randomBytes(8).toString('hex')}`);
  }

  /** Removes what processes that have ended left behind. `now`: milliseconds since 1970. */
  async sweep(now: number): Promise<void> {
    for (const name of await this.#names()) {
      const path = join(this.#directory, name);
      try {
        if (isLeftOver(name) || (await stat(path)).mtimeMs < now - ABANDONED_MILLISECONDS) await rm(path);
      } catch (error) {
        // Another process swept it, or its own renamed it.
        if (!isSystemError(error, 'ENOENT')) throw error;
      }
    }
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.#directory);
    } catch (error) {
      if (isSystemError(error, 'ENOENT')) return [];
      throw error;
    }
  }
}

function isLeftOver(name: string): boolean {
  return ownerIsGone(decodeURIComponent(name.slice(0, Math.max(0, name.lastIndexOf('~')))));
}
