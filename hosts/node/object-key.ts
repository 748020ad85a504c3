import { PenstockError } from '../../core/errors/penstock-error.ts';

const SEGMENT = '[a-z0-9_-][a-z0-9._-]*';
const KEY = new RegExp(`^${SEGMENT}(/${SEGMENT})*$`);
const PREFIX = new RegExp(`^(${SEGMENT}/)*(${SEGMENT})?$`);

/**
 * Whether a text is a key of an extract store. No segment begins with a dot, so that no key leaves a directory
 * and none is rewritten on its way through a URL; the same keys are good in every store.
 */
export function isObjectKey(text: string): boolean {
  return KEY.test(text);
}

/** @throws PenstockError PS9001 for a text that is no key */
export function objectKey(text: string): string {
  if (!isObjectKey(text)) throw new PenstockError('PS9001', `${JSON.stringify(text)} is no key of a store`);
  return text;
}

/** What a key may begin with; the empty text for all keys. @throws PenstockError PS9001 for a text that no key begins with */
export function keyPrefix(text: string): string {
  if (!PREFIX.test(text)) throw new PenstockError('PS9001', `${JSON.stringify(text)} is no prefix of keys of a store`);
  return text;
}
