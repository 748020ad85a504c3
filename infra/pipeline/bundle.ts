import { join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync, type BuildOptions } from 'esbuild';
import { BUNDLE_OPTIONS } from '../../bundle-options.ts';

/** The root of the repository: entry files are named from there. */
export const REPOSITORY = join(import.meta.dirname, '../..');

/** What a process reads, uncompressed and minified, with the driver that it needs. Above this a cold start is felt. */
export const MOST_BUNDLE_BYTES = 3_000_000;

/** How a function is bundled: to `index.mjs` in `outdir`, and files beside it that it imports. */
export function bundleOptions(entry: string, outdir: string): BuildOptions & { readonly write: true } {
  return { ...BUNDLE_OPTIONS, entryPoints: { index: join(REPOSITORY, entry) }, outdir };
}

/** A function's code. Nothing is bundled where a stack's bundling is off: then the folder of the sources stands for it. */
export function functionCode(entry: string): Code {
  return Code.fromAsset(join(REPOSITORY, 'functions'), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // CDK takes two assets of one folder for the same one where this does not differ.
      command: [entry],
      // Never run: bundling is done here, without Docker.
      image: DockerImage.fromRegistry('scratch'),
      local: {
        tryBundle(outdir) {
          buildSync(bundleOptions(entry, outdir));
          return true;
        },
      },
    },
  });
}
