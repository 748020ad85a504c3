import { isNode, type Document } from 'yaml';
import type { ConfigurationStore, ConfigurationText } from '../console-host.ts';
import { ApiError } from '../problems/api-error.ts';
import { hasSecret, type SecretPlace, type SectionName, type SectionValue } from '../schemas/configuration.ts';
import { documentText, openDocument, setMapping, setName } from './edit-document.ts';
import { isMapping, parsedConfiguration, sectionOf, type ConfigurationProblem } from './parsed-configuration.ts';
import { databasesBeside, pathOf } from './secret-places.ts';
import { withoutNames } from './without-names.ts';

/** A section's new value, and where in it new passwords stand. */
export interface SectionEdit {
  readonly section: SectionName;
  readonly value: SectionValue;
  readonly passwords: readonly SecretPlace[];
}

const POLICIES = ['consistency', 'misfits'] as const;

/** The text with the section changed. Pure. @throws ApiError 422 where the value holds what is not the section's */
export function editedText(
  text: string,
  { section, value: given, passwords }: SectionEdit,
  store: Pick<ConfigurationStore, 'passwordReference'>,
): string {
  const document = openDocument(text);
  refusePassword(given, [section]);
  const hasPassword = passwords.includes(section as SecretPlace);
  const value = section === 'source' ? withPasswordsBeside(document, given, passwords, store) : given;
  if (section === 'policies') {
    const strange = Object.keys(value).find((name) => !POLICIES.some((policy) => policy === name));
    if (strange !== undefined) {
      throw new ApiError(422, 'unknown policy', { problems: [{ path: [strange], message: 'unknown name' }] });
    }
    for (const policy of POLICIES) setName(document, policy, value[policy]);
  } else if (Object.keys(value).length === 0 && !hasPassword && section !== 'source' && section !== 'destination') {
    setName(document, section, undefined);
  } else if (hasSecret(section)) {
    if (hasPassword) {
      setMapping(document, [section], {
        ...value,
        password: store.passwordReference(section, fileIn(document, section)),
      });
    } else setMapping(document, [section], value, keepsPassword(section, value) ? ['password'] : []);
  } else setMapping(document, [section], value);
  return documentText(document);
}

function refusePassword(value: SectionValue, path: readonly string[]): void {
  if (!Object.hasOwn(value, 'password')) return;
  const message = 'a password is given beside the value, never in it';
  throw new ApiError(422, message, { problems: [{ path: [...path, 'password'], message }] });
}

/** The databases that the source names beside itself with their passwords: new ones, or those that they have. */
function withPasswordsBeside(
  document: Document,
  value: SectionValue,
  passwords: readonly SecretPlace[],
  store: Pick<ConfigurationStore, 'passwordReference'>,
): SectionValue {
  const databases = databasesBeside(value['type']).flatMap((name) => {
    const database = value[name];
    if (!isMapping(database)) return [];
    refusePassword(database, ['source', name]);
    const place = `source.${name}` as const;
    const password = passwords.includes(place)
      ? store.passwordReference(place, fileIn(document, place))
      : valueIn(document, place);
    return [[name, password === null ? database : { ...database, password }] as const];
  });
  return { ...value, ...Object.fromEntries(databases) } as SectionValue;
}

function valueIn(document: Document, place: SecretPlace): unknown {
  const found: unknown = document.getIn(pathOf(place));
  return isNode(found) ? found.toJS(document) : (found ?? null);
}

function fileIn(document: Document, place: SecretPlace): unknown {
  return document.getIn([...pathOf(place), 'file']) ?? null;
}

/** What a password belongs to, where a login is a choice: without it the password goes too. */
const LOGINS: Readonly<Record<string, string>> = { email: 'user', aws: 'accessKey', awsProxy: 'user' };

function keepsPassword(section: SectionName, value: SectionValue): boolean {
  const login = LOGINS[section];
  return login === undefined || Object.hasOwn(value, login);
}

/** What is wrong in one section of a text; a section that is not there is incomplete, and no more. */
export function problemsIn(
  candidate: ConfigurationText,
  section: SectionName | 'tables',
): readonly ConfigurationProblem[] {
  return parsedConfiguration(candidate).problems.filter(({ path }) => sectionOf(path) === section);
}

/** @throws ApiError 422 with what is wrong in the section */
export function refuseProblems(problems: readonly ConfigurationProblem[], what: string): void {
  if (problems.length === 0) return;
  throw new ApiError(422, `${what} cannot be saved like this`, {
    problems: problems.map(({ path, message }) => ({ path: [...path], message })),
    remedy: 'Correct the settings that are named.',
  });
}

/** The section's value as it is written, without its password. */
export function writtenSection(raw: Readonly<Record<string, unknown>>, section: SectionName): SectionValue | null {
  if (section === 'policies') {
    const given = POLICIES.filter((policy) => raw[policy] !== undefined);
    return given.length === 0 ? null : (Object.fromEntries(given.map((name) => [name, raw[name]])) as SectionValue);
  }
  const found = raw[section];
  if (!isMapping(found)) return null;
  return withoutSecrets(withoutNames(found, ['password'])) as SectionValue;
}

/** Somebody may have written a secret where it does not belong: it is not shown. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isMapping(value)) return value;
  const shown = Object.entries(value).filter(([name]) => !/passw|secret|token|credential/i.test(name));
  return Object.fromEntries(shown.map(([name, inner]) => [name, withoutSecrets(inner)]));
}
