import type { ConsoleInstance } from '../console-host.ts';
import type { TableChangesAnswer } from '../schemas/tables.ts';
import { versionOf } from './candidate-settings.ts';
import { problemsIn, refuseProblems } from './edit-section.ts';
import { editedTables, type TableEdit } from './edit-tables.ts';
import { refuseOtherVersion } from './save-section.ts';

/** All changes, or none. `version`: as of saveSection. @throws ApiError 409, 422 */
export async function saveTables(
  { configuration }: Pick<ConsoleInstance, 'configuration'>,
  changes: readonly TableEdit[],
  version: string | null,
): Promise<TableChangesAnswer> {
  const before = await configuration.read();
  if (version !== null) refuseOtherVersion(before.version, version);
  const { text, changed, selected } = editedTables(before.text, changes);
  if (changed === 0) return { version: before.version, changed, selected };
  refuseWrongTables(before.file, text, selected);
  const written = await configuration.write({ text, version: before.version, passwords: {} });
  return { version: written.version, changed, selected };
}

/** @throws ApiError 422 */
export function refuseWrongTables(file: string, text: string, selected: number): void {
  // Nothing chosen is a set-up that is not done, and may be saved.
  if (selected > 0) refuseProblems(problemsIn({ text, file, version: versionOf(text) }, 'tables'), 'tables');
}
