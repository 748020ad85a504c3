import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { BUNDLE_OPTIONS } from '../../bundle-options.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Bundles what the image holds into a folder: `main.mjs` and `health.mjs`, and files beside them that they import: all that they need but Node itself. */
export async function buildReader(folder: string): Promise<Metafile> {
  const entryPoints = ['main', 'health'].map((name) => join(ROOT, `containers/reader/${name}.ts`));
  return (await build({ ...BUNDLE_OPTIONS, entryPoints, outdir: folder, metafile: true })).metafile;
}

if (import.meta.main) await buildReader(process.argv[2] ?? join(ROOT, 'containers/reader/dist'));
