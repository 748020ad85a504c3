import type { BuildOptions } from 'esbuild';

/**
 * How everything that is deployed is bundled: all of it in one folder, the SDK too, so that what was tested is what runs. What is imported
 * only when it is needed (the driver of a source) is a file of its own, which a process that does not need it never reads.
 */
export const BUNDLE_OPTIONS: BuildOptions & { readonly write: true } = {
  outExtension: { '.js': '.mjs' },
  absWorkingDir: import.meta.dirname,
  bundle: true,
  splitting: true,
  write: true,
  minify: true,
  // Errors keep their names, which state machines tell them apart by.
  keepNames: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  alias: { '@azure/identity': './core/sources/sqlserver/wire/without-azure-login.ts' },
  // pg asks for it if it is there; it is not.
  external: ['pg-native'],
  // Drivers that are CommonJS call require.
  banner: { js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);" },
  legalComments: 'none',
  logLevel: 'error',
};
