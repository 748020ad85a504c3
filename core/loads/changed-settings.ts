import type { CopiedSettings } from '../catalog/copied-settings.ts';
import { targetPlace, type NamingSettings } from '../destinations/target-naming.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import type { TableSettings } from '../pipeline/settings.ts';

/** What a table would be copied with now. */
export function settingsOfCopy(naming: NamingSettings, settings: TableSettings): CopiedSettings {
  const { startColumn, endColumn, openEndDate } = naming.history;
  const { database, name } = targetPlace(naming, settings.table);
  return {
    transfer: settings.transfer,
    history: settings.transfer === 'history' ? { startColumn, endColumn, openEndDate } : null,
    mask: [...settings.mask].sort(),
    typeChange: { ...settings.typeChange },
    database,
    name,
  };
}

/**
 * Pure: the error of a table whose settings are not those that it was copied with; null: they are. Loading it by the new ones would bend
 * what is there: versions with the old open end date would never be closed, a column that is not masked any more would stay NULL in old rows.
 * PS1013: by setting them back it goes on. PS1014: what was read meanwhile does not fit the copy either way.
 */
export function changedSettings(table: string, copied: CopiedSettings, now: CopiedSettings): PenstockError | null {
  const read = [
    ...compared('mask', listText(copied.mask), listText(now.mask)),
    ...compared('typeChange', mapText(copied.typeChange), mapText(now.typeChange)),
  ];
  const kept = [
    ...compared('transfer', copied.transfer, now.transfer),
    ...historyChanges(copied, now),
    ...compared('place at the destination', placeText(copied), placeText(now)),
  ];
  const changes = [...read, ...kept];
  if (changes.length === 0) return null;
  const anew = `copy it with the new ones: penstock full-extract --table ${table}`;
  const options =
    read.length > 0
      ? { remedy: `${capital(anew)}.`, table }
      : { remedy: `Set back what was changed, and it goes on; or ${anew}.`, table };
  return new PenstockError(read.length > 0 ? 'PS1014' : 'PS1013', `${table}: ${changes.join('; ')}`, options);
}

function historyChanges({ history: copied }: CopiedSettings, { history: now }: CopiedSettings): string[] {
  if (copied === null || now === null) return [];
  return [
    ...compared('history.startColumn', copied.startColumn, now.startColumn),
    ...compared('history.endColumn', copied.endColumn, now.endColumn),
    ...compared('history.openEndDate', copied.openEndDate, now.openEndDate),
  ];
}

function compared(what: string, copied: string, now: string): string[] {
  return copied === now ? [] : [`${what} was ${copied} when it was copied, and is ${now}`];
}

function listText(names: readonly string[]): string {
  return names.length === 0 ? 'empty' : [...names].sort().join(', ');
}

function mapText(map: Readonly<Record<string, string>>): string {
  return listText(Object.entries(map).map(([column, type]) => `${column} ${type}`));
}

function placeText({ database, name }: CopiedSettings): string {
  return `${database}.${name}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
