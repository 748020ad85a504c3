import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkedSettings } from '../../core/pipeline/checked-settings.ts';
import { SOURCE_KINDS } from '../../core/sources/kinds.ts';

const FOLDER = new URL('../../examples/', import.meta.url);
const FILES = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));

function settingsOf(name: string) {
  return checkedSettings(readFileSync(new URL(name, FOLDER), 'utf8'), `/examples/${name}`);
}

test.each(FILES)('the example %s is a configuration', (name) => {
  expect(settingsOf(name).tables.length).toBeGreaterThan(0);
});

test('every kind of source has an example', () => {
  const types = new Set(FILES.map((name) => settingsOf(name).source.type));
  expect([...types].sort()).toEqual(SOURCE_KINDS.map(({ type }) => type).sort());
});
