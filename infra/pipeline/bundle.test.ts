import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build, type Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { accessOf } from '../../core/sources/oracle/connection.ts';
import { oracleKinds } from '../../core/sources/oracle/settings.ts';
import type { openSession } from '../../core/sources/sqlserver/connection.ts';
import { sqlserverAccess, versionAnswer } from '../../test/fixtures/tds/sqlserver-access.ts';
import { startTdsServer } from '../../test/fixtures/tds/tds-server.ts';
import { startRefusingListener } from '../../test/fixtures/tns/refusing-listener.ts';
import { bundledFiles, bundleWeight, filesAtStart } from './bundle-weight.ts';
import { bundleOptions, MOST_BUNDLE_BYTES } from './bundle.ts';
import { FUNCTION_NAMES, functionEntry } from './function-table.ts';

const run = promisify(execFile);
/** Each function with its entry; the console's stands in no pipeline. */
const ENTRIES = [
  ...FUNCTION_NAMES.map((name) => [name, functionEntry(name).entry] as const),
  ['console-api', 'functions/console-api.ts'] as const,
];
const NAMES = ENTRIES.map(([name]) => name);
/** What shows settings, or works with the catalog alone. */
const WITHOUT_DRIVERS = ['console-api', 'schedule-tick', 'switch-schedule', 'health'];
/** A folder may serve several kinds of source. */
const SOURCE_FOLDERS = readdirSync(new URL('../../core/sources/', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const made = new Map<string, Metafile>();
let folder = '';

function entryOf(name: string): string {
  return ENTRIES.find(([one]) => one === name)?.[1] ?? '';
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-bundles-'));
  for (const [name, entry] of ENTRIES) {
    const { metafile } = await build({ ...bundleOptions(entry, join(folder, name)), metafile: true });
    made.set(name, metafile);
  }
  const lines = NAMES.map((name) => {
    const { start, most } = bundleWeight(made.get(name)!, entryOf(name));
    return `  ${name.padEnd(18)} ${megabytes(start)}  ${megabytes(most)}`;
  });
  process.stdout.write(`bundles, minified and not compressed, at their start and at most:\n${lines.join('\n')}\n`);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('bundles of functions', () => {
  it.each(NAMES)('a process of %s reads less than 3 MB', (name) => {
    const { start, most } = bundleWeight(made.get(name)!, entryOf(name));
    expect(start).toBeGreaterThan(1000);
    expect(most).toBeLessThan(MOST_BUNDLE_BYTES);
  });

  it.each(NAMES)('%s reads no source before it knows which', (name) => {
    const connected = /core\/sources\/\w+\/definition\.ts$/;
    expect(filesAtStart(made.get(name)!, entryOf(name)).filter((file) => connected.test(file))).toEqual([]);
    const connects = bundledFiles(made.get(name)!).filter((file) => connected.test(file));
    expect(connects.length).toBe(WITHOUT_DRIVERS.includes(name) ? 0 : SOURCE_FOLDERS.length);
  });

  it.each(WITHOUT_DRIVERS)('%s holds no driver', (name) => {
    const driver = /node_modules\/(pg|mysql2|tedious|oracledb)\//;
    expect(bundledFiles(made.get(name)!).filter((file) => driver.test(file))).toEqual([]);
  });

  it('holds the words of zod in English only, where nothing asks for more', () => {
    // `import { z }` brings them all along, from wherever it stands: `import * as z` does not.
    for (const name of FUNCTION_NAMES) {
      const words = bundledFiles(made.get(name)!).filter((file) => file.includes('zod/v4/locales/'));
      expect(
        words.map((file) => file.replace(/^.*\//, '')),
        name,
      ).toEqual(['en.js']);
    }
  });

  it('holds the driver of SQL Server without the logins that nobody can choose, and it logs in', async () => {
    const outdir = join(folder, 'sessions');
    const entry = 'core/sources/sqlserver/connection.ts';
    const { metafile } = await build({ ...bundleOptions(entry, outdir), metafile: true });
    expect(bundledFiles(metafile).filter((file) => file.includes('@azure/identity'))).toEqual([]);
    const bundled = (await import(pathToFileURL(join(outdir, 'index.mjs')).href)) as {
      openSession: typeof openSession;
    };
    await using server = await startTdsServer({ answer: (request) => versionAnswer(request) });
    await using session = await bundled.openSession(sqlserverAccess(server), new AbortController().signal);
    expect(session.isBroken).toBe(false);
    expect(server.logins).toMatchObject([{ user: 'penstock', database: 'shop' }]);
  });

  it('holds the driver of Oracle in its thin mode alone, and it logs in as far as a listener lets it', async () => {
    const outdir = join(folder, 'oracle');
    const { metafile } = await build({
      ...bundleOptions('core/sources/oracle/connection.ts', outdir),
      metafile: true,
    });
    const isNode = (path: string) => isBuiltin(path) || path.startsWith('node:');
    const outside = Object.values(metafile.outputs).flatMap(({ imports }) => imports.filter((one) => one.external));
    expect(outside.map(({ path }) => path).filter((path) => !isNode(path))).toEqual([]);
    const bundled = (await import(pathToFileURL(join(outdir, 'index.mjs')).href)) as { accessOf: typeof accessOf };
    await using listener = await startRefusingListener(12_514);
    const settings = oracleKinds[0]!.settings.parse({
      ...{ host: '127.0.0.1', port: listener.port, database: 'SHOP', user: 'PENSTOCK' },
    });
    const password = () => Promise.resolve('secret');
    const access = bundled.accessOf(settings, { password, secret: password });
    await expect(access.open(new AbortController().signal)).rejects.toMatchObject({ code: 'PS2002' });
    expect(listener.asked).toMatchObject([expect.stringContaining('SERVICE_NAME=SHOP')]);
  });

  it.each(NAMES)('%s is of JavaScript alone: no file that a platform would have to fit', (name) => {
    const outputs = Object.keys(made.get(name)!.outputs);
    expect(outputs.filter((file) => !file.endsWith('.mjs'))).toEqual([]);
    expect(bundledFiles(made.get(name)!).filter((file) => file.endsWith('.node'))).toEqual([]);
  });

  it.each(NAMES.filter((name) => name !== 'console-api'))(
    '%s can be imported alone, and has a handler',
    async (name) => {
      const script = `const { handler } = await import(${JSON.stringify(pathToFileURL(join(folder, name, 'index.mjs')).href)});
      process.stdout.write(typeof handler);`;
      const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
        cwd: folder,
        env: {},
      });
      expect(stdout).toBe('function');
    },
  );
});
