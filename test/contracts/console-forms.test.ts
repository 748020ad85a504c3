import { expect, test } from 'vitest';
import { SECTIONS } from '../../core/pipeline/checked-settings.ts';
import type { SchemaNode } from '../../core/pipeline/known-names.ts';
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
      const fields = fieldsOf(node);
      expect(namesOf(fields)).toEqual(settingsOf(node));
      for (const { name, ...field } of fields) {
        if (field.tag === 'group') expect(namesOf(field.fields)).toEqual(settingsOf(node.properties?.[name]));
      }
    }
  }
});

/** Passwords are asked for apart. */
function namesOf(fields: readonly Field[]): string[] {
  return fields.map(({ name }) => name).filter((name) => name !== 'password');
}

function settingsOf(node: SchemaNode | undefined): string[] {
  return Object.keys(node?.properties ?? {}).filter((name) => name !== 'type' && name !== 'password');
}

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
    for (const field of everyField(sourceFields(type))) {
      expect([type, field.name, descriptionOf(field)]).not.toContain('');
      const choices = field.tag === 'choice' ? field.values.map(String) : [];
      expect(choices.filter((value) => valueLabel(value) === value)).toEqual([]);
    }
  }
  // What the vendor calls by words of its own, and what would read badly as it is written in the file.
  expect(fields.map((field) => labelOf(field.name))).toEqual(
    expect.arrayContaining(['Snapshot isolation', 'Extract threads']),
  );
});

/** With those of other databases. */
function everyField(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) => [field, ...(field.tag === 'group' ? everyField(field.fields) : [])]);
}

test('each kind of Oracle has the words of the vendor and, by its extract types, the fields of its dialog', () => {
  const labels = (type: string, extractType: string) => {
    const { advanced, databases } = tabsOf(sourceFields(type), extractType);
    return {
      advanced: advanced.map(({ name }) => labelOf(name)),
      databases: databases.map(({ name }) => labelOf(name)),
    };
  };
  const files = [
    'Log file catchup count',
    'Log catchup time (mins)',
    'Log catchup offset (mins)',
    'Log file look-ahead',
  ];
  const always = ['Extract threads', 'Convert RAW to Hex'];
  const expected: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
    oracle: {
      logMiner: files,
      fastLogMiner: files,
      remoteLogMiner: files,
      continuousLogMiner: [],
      fullExtracts: [],
      timestamps: ['Zone of the timestamp column'],
    },
    oraclePluggable: { fastLogMiner: files, continuousLogMiner: [] },
    oracleRac: { logMiner: files, continuousLogMiner: [] },
    oracleRacPluggable: { logMiner: files },
    oracle19c: { continuousLogMiner: [] },
    oracle19cPluggable: { continuousLogMiner: [] },
  };
  const kinds = SECTIONS.sources.filter(({ type }) => type.startsWith('oracle'));
  expect(kinds.map(({ label }) => label)).toEqual([
    ...['Oracle', 'Oracle (Pluggable Database)', 'Oracle (RAC)', 'Oracle (RAC)(Pluggable Database)'],
    ...['Oracle 19c', 'Oracle 19c (Pluggable Database)'],
  ]);
  expect(kinds.map(({ type }) => type)).toEqual(Object.keys(expected));
  for (const { type } of kinds) {
    const chosen = kindOf(sourceFields(type), 'extractType');
    expect(chosen?.tag === 'choice' ? chosen.values : []).toEqual(Object.keys(expected[type] ?? {}));
    for (const [extractType, own] of Object.entries(expected[type] ?? {})) {
      const { advanced, databases } = labels(type, extractType);
      expect(advanced).toEqual(expect.arrayContaining([...always, ...own]));
      if (own !== files) for (const label of files) expect(advanced).not.toContain(label);
      expect(databases).toEqual([
        ...(type.endsWith('Pluggable') ? ['Root database'] : []),
        ...(extractType === 'remoteLogMiner' ? ['Mining database'] : []),
      ]);
    }
  }
});

test('another database is a group of fields with a password, and a list of paths goes through unchanged', () => {
  const fields = sourceFields('oracle');
  const mining = kindOf(fields, 'miningDatabase');
  if (mining?.tag !== 'group') throw new Error('the mining database is no group');
  expect(mining.hasPassword).toBe(true);
  const section = {
    ...{ host: 'db.example', database: 'SHOP', user: 'READER', extractType: 'remoteLogMiner' },
    miningDatabase: { host: 'mine.example', database: 'MINE', user: 'M', logPaths: [{ from: '/arch/', to: '/mnt/' }] },
  };
  expect(valueOf(fields, draftOf(fields, section), section)).toEqual(section);
  const draft = draftOf(fields, { ...section, miningDatabase: { host: 'a b', database: 'MINE' } });
  expect(Object.fromEntries(draftProblems(fields, draft))).toEqual({
    'miningDatabase.host': 'Not in the form that is asked for',
    'miningDatabase.user': 'Must be given',
  });
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
