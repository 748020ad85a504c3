#!/usr/bin/env node
import '../hosts/node/small-memory.ts';
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { main } from './main.ts';

/** After this time a connection that somebody forgot to close keeps the process no longer. */
const LINGER_MILLISECONDS = 5000;

const manifest = z.object({ version: z.string() });
const { version } = manifest.parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')));

// A reader that has gone (`penstock status | head -1`) is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  process: {
    on: (event, listener) => process.on(event, listener),
    off: (event, listener) => process.off(event, listener),
    exit: (code) => process.exit(code),
  },
  environment: process.env,
  version,
  now: () => performance.now(),
});

setTimeout(() => {
  process.stderr.write('note: something still held the process after the work was done\n');
  process.exit();
}, LINGER_MILLISECONDS).unref();
