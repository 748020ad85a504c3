import { rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { buildApp } from './app.ts';
import { loadDeployment } from './deployment/load-deployment.ts';
import { EXAMPLES, exampleFile } from './examples/examples.ts';

/** Writes the templates of all examples to cdk.out/<example>/. Needs no account and no network. */
const ROOT = fileURLToPath(new URL('../', import.meta.url));
/** CloudFormation's limits. */
const MOST_RESOURCES = 500;
const MOST_BYTES = 1_000_000;

for (const example of EXAMPLES) {
  const outdir = join(ROOT, 'cdk.out', example);
  await rm(outdir, { recursive: true, force: true });
  const app = buildApp(await loadDeployment(exampleFile(example)), { outdir });
  process.stdout.write(`${example}: ${relative(ROOT, outdir)}/\n`);
  await report(app.synth());
}

async function report(assembly: CloudAssembly): Promise<void> {
  for (const { stackName, templateFullPath, template } of assembly.stacks) {
    const resources = Object.keys((template as { Resources?: object }).Resources ?? {}).length;
    const { size } = await stat(templateFullPath);
    const line = `  ${stackName.padEnd(48)}${String(resources).padStart(4)} resources ${(size / 1024).toFixed(0).padStart(5)} kB`;
    process.stdout.write(`${line}\n`);
    if (resources > MOST_RESOURCES || size > MOST_BYTES) {
      process.stderr.write(`${stackName} is larger than CloudFormation takes\n`);
      process.exitCode = 1;
    }
  }
}
