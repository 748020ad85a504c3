import type { Metafile } from 'esbuild';

/** What a process reads of a bundle, in bytes. */
export interface BundleWeight {
  /** Until its handler is there. */
  readonly start: number;
  /** That, with the heaviest part that is loaded only where it is needed: the driver of a source. */
  readonly most: number;
}

type Outputs = Metafile['outputs'];

/** `entry`: the entry file, relative to the repository. */
export function bundleWeight({ outputs }: Metafile, entry: string): BundleWeight {
  const first = outputOf(outputs, entry);
  const atStart = readWith(outputs, first);
  const later = [...atStart].flatMap((name) => importsOf(outputs, name, 'dynamic-import'));
  const bytes = (names: ReadonlySet<string>): number =>
    [...names].reduce((sum, name) => sum + (outputs[name]?.bytes ?? 0), 0);
  const wholes = later.map((name) => bytes(new Set([...atStart, ...readWith(outputs, name)])));
  return { start: bytes(atStart), most: Math.max(bytes(atStart), ...wholes) };
}

/** The files whose code a process reads until its handler is there. */
export function filesAtStart({ outputs }: Metafile, entry: string): string[] {
  return filesIn([...readWith(outputs, outputOf(outputs, entry))].map((name) => outputs[name]));
}

/** The files whose code a process may ever read. */
export function bundledFiles({ outputs }: Metafile): string[] {
  return filesIn(Object.values(outputs));
}

function filesIn(outputs: readonly (Outputs[string] | undefined)[]): string[] {
  const files = outputs.flatMap((output) =>
    Object.entries(output?.inputs ?? {}).flatMap(([file, { bytesInOutput }]) => (bytesInOutput === 0 ? [] : [file])),
  );
  return [...new Set(files)].sort();
}

function outputOf(outputs: Outputs, entry: string): string {
  const found = Object.keys(outputs).find((name) => outputs[name]?.entryPoint === entry);
  if (found === undefined) throw new Error(`the bundle has no output of ${entry}`);
  return found;
}

/** An output with all that it imports at once. */
function readWith(outputs: Outputs, first: string): Set<string> {
  const found = new Set([first]);
  for (const name of found) for (const next of importsOf(outputs, name, 'import-statement')) found.add(next);
  return found;
}

function importsOf(outputs: Outputs, name: string, kind: 'import-statement' | 'dynamic-import'): string[] {
  return (outputs[name]?.imports ?? []).flatMap((one) =>
    one.kind === kind && one.external !== true ? [one.path] : [],
  );
}
