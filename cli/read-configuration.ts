import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PenstockError } from '../core/errors/penstock-error.ts';
import { checkedSettings } from '../core/pipeline/checked-settings.ts';
import type { PipelineSettings } from '../core/pipeline/settings.ts';

/**
 * @throws PenstockError PS1001 with everything that is wrong with the file, PS1001 where it cannot be read,
 * PS1003 where two tables would be one at the destination
 */
export async function readConfiguration(path: string): Promise<PipelineSettings> {
  const file = resolve(path);
  return checkedSettings(await textOf(file), file);
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read';
    throw new PenstockError('PS1001', `${file}: ${reason === 'ENOENT' ? 'there is no such file' : reason}`, {
      remedy: 'Name the file with --config, or make it after examples/penstock.yaml.',
      cause: error,
    });
  }
}
