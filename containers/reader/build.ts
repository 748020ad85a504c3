import { join } from 'node:path';
import { build } from 'esbuild';
import { BUNDLE_OPTIONS } from '../../bundle-options.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Bundles what the image holds into a folder: `main.mjs` and `health.mjs`, each with all that it needs but Node itself. */
export async function buildReader(folder: string): Promise<void> {
  const entryPoints = ['main', 'health'].map((name) => join(ROOT, `containers/reader/${name}.ts`));
  await build({ ...BUNDLE_OPTIONS, entryPoints, outdir: folder });
}

if (import.meta.main) await buildReader(process.argv[2] ?? join(ROOT, 'containers/reader/dist'));
