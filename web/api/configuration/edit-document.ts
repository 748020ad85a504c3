import { isMap, isScalar, isSeq, parseDocument, type Document, type YAMLMap } from 'yaml';
import { ApiError } from '../problems/api-error.ts';
import type { Mapping } from './parsed-configuration.ts';

/** Changes of a configuration's text that leave comments, order and everything else as they are. */

/** @throws ApiError 409 where the text is not YAML: then only its owner can mend it */
export function openDocument(text: string): Document {
  const document = parseDocument(text);
  if (document.errors.length > 0 || !(document.contents === null || isMap(document.contents))) {
    throw new ApiError(409, 'the file is not YAML of settings', { remedy: 'Mend it in an editor first.' });
  }
  document.contents ??= document.createNode({}) as never;
  return document;
}

export function documentText(document: Document): string {
  return document.toString({ lineWidth: 120, flowCollectionPadding: true });
}

/** Makes the mapping at `path` hold exactly `value`, but for the names in `kept`, which stay as they are. */
export function setMapping(
  document: Document,
  path: readonly string[],
  value: Mapping,
  kept: readonly string[] = [],
): void {
  const there = path.length === 0 ? document.contents : document.getIn(path, true);
  if (!isMap(there)) {
    document.setIn(path, document.createNode(value));
    return;
  }
  mergeInto(document, there, value, kept);
}

/** Sets one name of the top, or takes it away where `value` is undefined. */
export function setName(document: Document, name: string, value: unknown): void {
  const there = document.contents;
  if (!isMap(there)) throw new ApiError(409, 'the file is not YAML of settings');
  setPair(document, there, name, value);
}

export function mergeInto(document: Document, map: YAMLMap, value: Mapping, kept: readonly string[]): void {
  for (const name of namesOf(map)) {
    if (!kept.includes(name) && (!Object.hasOwn(value, name) || value[name] === undefined)) map.delete(name);
  }
  for (const [name, wanted] of Object.entries(value)) {
    if (!kept.includes(name)) setPair(document, map, name, wanted);
  }
}

function setPair(document: Document, map: YAMLMap, name: string, value: unknown): void {
  if (value === undefined) {
    map.delete(name);
    return;
  }
  const there = map.get(name, true) as unknown;
  if (isMap(there) && isPlainMapping(value)) mergeInto(document, there, value, []);
  else if (isScalar(there) && !isObject(value)) there.value = value;
  else if (isSeq(there) && Array.isArray(value)) {
    const isSame = JSON.stringify(there.toJS(document)) === JSON.stringify(value);
    if (!isSame) there.items = value.map((item: unknown) => document.createNode(item));
  } else map.set(name, document.createNode(value));
}

function namesOf(map: YAMLMap): string[] {
  return map.items.map(({ key }) => String(isScalar(key) ? key.value : key));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isPlainMapping(value: unknown): value is Mapping {
  return isObject(value) && !Array.isArray(value);
}
