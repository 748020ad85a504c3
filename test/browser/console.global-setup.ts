import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');

/** The pages, built once for all browser tests as they are for users: not in the environment of a test. */
export default async function setup(): Promise<void> {
  const vite = join(ROOT, 'node_modules/.bin/vite');
  const environment = { ...process.env, NODE_ENV: 'production' };
  await promisify(execFile)(vite, ['build', 'web/console', '--logLevel', 'warn'], { cwd: ROOT, env: environment });
}
