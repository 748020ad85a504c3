import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import { bundleOptions, REPOSITORY } from '../pipeline/bundle.ts';

export const CONSOLE_ENTRY = 'functions/console-api.ts';
/** Beside `index.mjs`; the function serves it. */
const PAGES = 'pages';
const COMPRESSED: ReadonlySet<string> = new Set(['.html', '.js', '.css', '.json', '.svg', '.txt']);

/** The console's function with the built pages beside it: the same build that one machine serves. */
export function consoleCode(): Code {
  return Code.fromAsset(join(REPOSITORY, 'functions'), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      command: [CONSOLE_ENTRY],
      // Never run: bundling is done here, without Docker.
      image: DockerImage.fromRegistry('scratch'),
      local: {
        tryBundle(outdir) {
          bundleConsole(outdir);
          return true;
        },
      },
    },
  });
}

/** Writes `index.mjs`, and the folder of the pages with each file compressed beside it. */
export function bundleConsole(outdir: string): void {
  buildSync(bundleOptions(CONSOLE_ENTRY, outdir));
  buildPages(join(outdir, PAGES));
}

/** Not into `web/console/dist`, which somebody may be served from meanwhile. */
export function buildPages(folder: string): void {
  const vite = join(REPOSITORY, 'node_modules/vite/bin/vite.js');
  const given = ['build', 'web/console', '--outDir', folder, '--emptyOutDir', '--logLevel', 'error'];
  const env = { ...process.env, NODE_ENV: 'production' };
  execFileSync(process.execPath, [vite, ...given], { cwd: REPOSITORY, env, stdio: ['ignore', 'ignore', 'inherit'] });
  // For tests; nobody is served it.
  rmSync(join(folder, '.vite'), { recursive: true, force: true });
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => COMPRESSED.has(extname(name)))) compress(join(folder, file));
}

/** A function has no time to do this for each answer; what does not become smaller is left alone. */
function compress(path: string): void {
  const bytes = readFileSync(path);
  const made = {
    '.br': brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength } }),
    '.gz': gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }),
  };
  for (const [suffix, smaller] of Object.entries(made)) {
    if (smaller.byteLength < bytes.byteLength) writeFileSync(path + suffix, smaller);
  }
}
