import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import { checkedSettings } from '../../core/pipeline/checked-settings.ts';
import type { PipelineSettings } from '../../core/pipeline/settings.ts';
import type { SettingsDocument } from '../stacks/parts.ts';
import type { Deployment, PipelineDeployment } from './deployment.ts';
import { parseDeployment, problemLine } from './parse-deployment.ts';
import { authorityFiles, awsProblems } from './parse-pipeline.ts';

export interface LoadedPipeline {
  readonly deployment: PipelineDeployment;
  readonly settings: PipelineSettings;
  readonly document: SettingsDocument;
}

/** Everything that is deployed, checked; nothing more is read after it. */
export interface LoadedDeployment {
  readonly deployment: Deployment;
  readonly pipelines: readonly LoadedPipeline[];
}

const REMEDY = 'Correct the settings above; docs/deploying.md and docs/configuration.md list them all.';

/**
 * Reads a deployment's file (its default export) and the pipelines that it names.
 * @throws PenstockError PS1001 with everything that is wrong with any of the files
 */
export async function loadDeployment(path: string): Promise<LoadedDeployment> {
  const file = resolve(path);
  return readDeployment(await exportOf(file), file);
}

/** The same for what the file exports. Paths are relative to `file`. @throws PenstockError PS1001 */
export async function readDeployment(value: unknown, file: string): Promise<LoadedDeployment> {
  const parsed = parseDeployment(value);
  if (parsed.tag === 'problems') throw refusal([section(file, parsed.problems.map(problemLine))]);
  const { deployment } = parsed;
  const { bucketName, extractRetentionDays } = deployment.data;
  const bucketDays = bucketName === null ? extractRetentionDays : null;
  const read = await Promise.all(
    deployment.pipelines.map((pipeline) =>
      readPipeline(pipeline, resolve(dirname(file), pipeline.configuration), bucketDays),
    ),
  );
  const faults = read.flatMap((one) => (one.tag === 'faults' ? one.texts : []));
  const pipelines = read.flatMap((one) => (one.tag === 'pipeline' ? [one.pipeline] : []));
  const doubled = doubledNames(pipelines);
  if (doubled.length > 0) faults.unshift(section(file, doubled));
  if (faults.length > 0) throw refusal(faults);
  return { deployment, pipelines };
}

type ReadPipeline =
  | { readonly tag: 'pipeline'; readonly pipeline: LoadedPipeline }
  | { readonly tag: 'faults'; readonly texts: readonly string[] };

async function readPipeline(
  deployment: PipelineDeployment,
  file: string,
  bucketDays: number | null,
): Promise<ReadPipeline> {
  try {
    const text = await textOf(file);
    const settings = checkedSettings(text, file);
    const problems = awsProblems(settings, deployment, bucketDays);
    if (problems.length > 0) return { tag: 'faults', texts: [section(file, problems.map(problemLine))] };
    const files = [...authorityFiles(settings)];
    const texts = await Promise.all(files.map(async ([place, name]) => [place, await authority(name)] as const));
    const authorities = Object.fromEntries(texts);
    return { tag: 'pipeline', pipeline: { deployment, settings, document: { text, authorities } } };
  } catch (error) {
    if (!(error instanceof PenstockError)) throw error;
    return { tag: 'faults', texts: [error.message.replace(/^PS1001 [^:]*: /, '')] };
  }
}

/** Names of pipelines are names of resources, leases and keys: each may be deployed once. */
function doubledNames(pipelines: readonly LoadedPipeline[]): string[] {
  const names = pipelines.map(({ settings }) => settings.pipeline);
  return names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [`pipelines[${index}].configuration: a second pipeline ${name}; give one of them another name`],
  );
}

async function authority(file: string): Promise<string> {
  const text = await textOf(file);
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new PenstockError('PS1001', `${file}: expected certificates in PEM`);
  }
  return text;
}

async function exportOf(file: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
    return module.default;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PenstockError('PS1001', `${file} cannot be read: ${reason}`, {
      remedy: 'Make it after infra/examples/standard.config.ts, or name another one: cdk synth -c deployment=<file>.',
      cause: error,
    });
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const reason = code === 'ENOENT' ? 'there is no such file' : `it cannot be read: ${code}`;
    throw new PenstockError('PS1001', `${file}: ${reason}`, { cause: error });
  }
}

function section(file: string, lines: readonly string[]): string {
  return `${file}\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

function refusal(sections: readonly string[]): PenstockError {
  return new PenstockError('PS1001', sections.join('\n'), { remedy: REMEDY });
}
