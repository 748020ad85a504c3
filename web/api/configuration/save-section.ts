import type { ConsoleInstance, Passwords } from '../console-host.ts';
import { ApiError } from '../problems/api-error.ts';
import { type SectionName, type SectionValue } from '../schemas/configuration.ts';
import { versionOf } from './candidate-settings.ts';
import { editedText, problemsIn, refuseProblems } from './edit-section.ts';
import type { ConfigurationProblem } from './parsed-configuration.ts';
import { placesOf } from './secret-places.ts';

export interface SectionToSave {
  readonly section: SectionName;
  readonly value: SectionValue;
  /** New ones, by their places in this section. */
  readonly passwords?: Passwords;
  /** The version that the change was made on; null: whatever is there. */
  readonly version: string | null;
  /** Problems that may stay: the section is set up step by step. */
  readonly mayStay?: (problem: ConfigurationProblem) => boolean;
}

/** @throws ApiError 409 where somebody changed it meanwhile, 422 with what is wrong in the section itself */
export async function saveSection(
  { configuration }: Pick<ConsoleInstance, 'configuration'>,
  { section, value, passwords = {}, version, mayStay = () => false }: SectionToSave,
): Promise<void> {
  const before = await configuration.read();
  if (version !== null) refuseOtherVersion(before.version, version);
  const text = editedText(before.text, { section, value, passwords: placesOf(passwords) }, configuration);
  const problems = problemsIn({ text, file: before.file, version: versionOf(text) }, section);
  refuseProblems(
    problems.filter((problem) => !mayStay(problem)),
    section,
  );
  await configuration.write({ text, version: before.version, passwords });
}

/** @throws ApiError 409 */
export function refuseOtherVersion(found: string, expected: string): void {
  if (found === expected) return;
  throw new ApiError(409, 'the configuration was changed by somebody else meanwhile', {
    remedy: 'Load it again, and make the change anew.',
  });
}
