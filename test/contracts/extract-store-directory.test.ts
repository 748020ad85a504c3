import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryStore } from '../../hosts/local/directory-store.ts';
import { extractStoreContract } from './extract-store.ts';

extractStoreContract('directory', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'penstock-store-'));
  return {
    store: new DirectoryStore(join(directory, 'store')),
    another: new DirectoryStore(join(directory, 'store')),
    [Symbol.asyncDispose]: async () => rm(directory, { recursive: true }),
  };
});
