import { SECTIONS } from '../../../core/pipeline/checked-settings.ts';
import { fileSchema } from '../../../core/pipeline/sections.ts';
import type { Passwords } from '../console-host.ts';
import { ApiError } from '../problems/api-error.ts';
import { hasSecret, type SecretPlace, type SectionName } from '../schemas/configuration.ts';

/** The databases with a user of their own that a source of a kind names beside itself, by the names of their settings: `rootDatabase`. */
export function databasesBeside(type: unknown): string[] {
  const { properties = {} } = fileSchema(SECTIONS, type, null).properties?.['source'] ?? {};
  return Object.entries(properties).flatMap(([name, node]) =>
    node.properties?.['password'] === undefined ? [] : [name],
  );
}

/** The password of a section and those of databases in it, by their places. @throws ApiError 422 for one that has no place */
export function placedPasswords(
  section: SectionName,
  type: unknown,
  { password, passwords = {} }: SentPasswords,
): Passwords {
  const names = section === 'source' ? databasesBeside(type) : [];
  const strange = Object.keys(passwords).find((name) => !names.includes(name));
  if (strange !== undefined) throw unknownPassword(section, ['passwords', strange]);
  if (password !== undefined && !hasSecret(section)) throw unknownPassword(section, ['password']);
  const beside = Object.entries(passwords).map(([name, given]) => [`source.${name}`, given] as const);
  return { ...(password === undefined ? {} : { [section]: password }), ...Object.fromEntries(beside) };
}

export interface SentPasswords {
  readonly password?: string | undefined;
  readonly passwords?: Readonly<Record<string, string>> | undefined;
}

function unknownPassword(section: SectionName, path: string[]): ApiError {
  const what = path.length === 1 ? `${section} has no password` : `${section} has no database ${path[1] ?? ''}`;
  return new ApiError(422, what, { problems: [{ path, message: 'unknown name' }] });
}

/** Where passwords are given. */
export function placesOf(passwords: Passwords): SecretPlace[] {
  return Object.entries(passwords).flatMap(([place, password]) =>
    password === undefined ? [] : [place as SecretPlace],
  );
}

/** What stands at a place of a password: the steps to it in the file. */
export function pathOf(place: SecretPlace): readonly string[] {
  return [...place.split('.'), 'password'];
}
