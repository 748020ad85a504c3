import { join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '../..');

/** Bundles what the image holds into a folder: `main.mjs` and `health.mjs`, each with all that it needs but Node itself. */
export async function buildReader(folder: string): Promise<void> {
  await build({
    entryPoints: ['main', 'health'].map((name) => join(ROOT, `containers/reader/${name}.ts`)),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    keepNames: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    // pg asks for it if it is there; it is not.
    external: ['pg-native'],
    // Drivers that are CommonJS call require.
    banner: { js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);" },
    legalComments: 'none',
    logLevel: 'error',
  });
}

if (import.meta.main) await buildReader(process.argv[2] ?? join(ROOT, 'containers/reader/dist'));
