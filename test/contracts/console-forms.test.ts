import { expect, test } from 'vitest';
import { SECTIONS } from '../../core/pipeline/checked-settings.ts';
import { fileSchema } from '../../core/pipeline/sections.ts';
import { draftOf, draftProblems, valueOf } from '../../web/console/forms/draft.ts';
import { fieldsOf, type Field, type JsonSchema } from '../../web/console/forms/field.ts';
import { descriptionOf, labelOf, tabsOf, valueLabel } from '../../web/console/forms/labels.ts';

/** The form's fields of the real schemas: what the core adds, the form asks for. */
function sourceFields(type: string): Field[] {
  const schema = fileSchema(SECTIONS, type, 'singlestore') as JsonSchema;
  return fieldsOf(schema.properties?.['source'] ?? {}).filter((field) => field.name !== 'password');
}

const kindOf = (fields: readonly Field[], name: string) => fields.find((field) => field.name === name);

test('every setting of every source and of the destination has a field', () => {
  for (const type of SECTIONS.sources.map((source) => source.type)) {
    const schema = fileSchema(SECTIONS, type, 'singlestore');
    for (const section of ['source', 'destination']) {
      const node = schema.properties?.[section] ?? {};
      const asked = fieldsOf(node as JsonSchema).map((field) => field.name);
      const all = Object.keys(node.properties ?? {}).filter((name) => name !== 'type' && name !== 'password');
      expect(asked.filter((name) => name !== 'password')).toEqual(all);
    }
  }
});

test('a field has the kind, the limits and the default of its schema', () => {
  const fields = sourceFields('postgres');
  expect(kindOf(fields, 'port')).toMatchObject({
    tag: 'number',
    isWhole: true,
    least: 1,
    most: 65_535,
    fallback: 5432,
  });
  expect(kindOf(fields, 'extractType')).toMatchObject({
    tag: 'choice',
    values: ['logs', 'fullExtracts', 'timestamps'],
  });
  expect(kindOf(fields, 'heartbeatSeconds')).toMatchObject({ tag: 'number', isOpen: true, least: 0, fallback: null });
  expect(kindOf(fields, 'walWarnBytes')).toMatchObject({ most: null });
  expect(kindOf(fields, 'host')).toMatchObject({ tag: 'text', isRequired: true });
  expect(kindOf(fields, 'tls')).toMatchObject({
    tag: 'variants',
    by: 'mode',
    variants: [{ value: 'off' }, { value: 'verify' }],
  });
  const options = kindOf(fields, 'options');
  if (options?.tag !== 'options') throw new Error('options are no options');
  expect(kindOf(options.names, 'keepalives')).toMatchObject({ tag: 'choice', values: [0, 1] });
  expect(kindOf(options.names, 'lock_timeout')).toMatchObject({ tag: 'text' });
});

test('a source whose fields depend on its extract type shows each in its place, and every field of every source says what it is', () => {
  const fields = sourceFields('sqlserver');
  const advanced = (extractType: string) => tabsOf(fields, extractType).advanced.map((field) => field.name);
  expect(advanced('changeTracking')).toEqual(expect.arrayContaining(['snapshotIsolation', 'extractThreads']));
  expect(advanced('changeTracking')).not.toContain('snapshotLockSeconds');
  expect(advanced('cdc')).toContain('snapshotLockSeconds');
  expect(advanced('timestamps')).toContain('timestampZone');
  for (const { type } of SECTIONS.sources) {
    for (const field of sourceFields(type)) expect([type, field.name, descriptionOf(field)]).not.toContain('');
  }
  // What the vendor calls by words of its own, and what would read badly as it is written in the file.
  expect(fields.map((field) => labelOf(field.name))).toEqual(
    expect.arrayContaining(['Snapshot isolation', 'Extract threads']),
  );
  const choices = fields.flatMap((field) => (field.tag === 'choice' ? field.values.map(String) : []));
  expect(choices.filter((value) => valueLabel(value) === value)).toEqual([]);
});

test('a section goes through its form unchanged, with names that the form does not know', () => {
  const section = {
    type: 'postgres',
    host: 'db.example',
    database: 'shop',
    user: 'reader',
    password: { file: 'secrets/source-password' },
    extractThreads: 4,
    tls: { mode: 'verify', ca: 'ca.pem' },
    options: { connect_timeout: 10, keepalives: 1, role: 'reader' },
    heartbeatSeconds: 1.5,
  };
  const fields = sourceFields('postgres');
  expect(valueOf(fields, draftOf(fields, section), section)).toEqual(section);
});

test('what is left empty is not written, so that its default holds', () => {
  const fields = sourceFields('mysql');
  expect(valueOf(fields, draftOf(fields, {}))).toEqual({});
  expect(valueOf(fields, { ...draftOf(fields, {}), port: ' ', host: 'h' })).toEqual({ host: 'h' });
});

test('each problem names its field', () => {
  const fields = sourceFields('postgres');
  const draft = {
    ...draftOf(fields, {}),
    host: 'h',
    database: 'd',
    port: '70000',
    extractThreads: '1.5',
    slot: 'No Such',
    options: [
      { name: 'connect_timeout', text: 'soon' },
      { name: 'role', text: '' },
    ],
  };
  expect(Object.fromEntries(draftProblems(fields, draft))).toEqual({
    user: 'Must be given',
    port: 'At most 65535',
    extractThreads: 'A whole number',
    slot: 'Not in the form that is asked for',
    'options.connect_timeout': 'connect_timeout: A whole number',
    'options.role': 'role has no value',
  });
});
