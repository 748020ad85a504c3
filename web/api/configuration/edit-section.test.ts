import { expect, it } from 'vitest';
import { editedText, writtenSection } from './edit-section.ts';
import { editedTables, writtenTables } from './edit-tables.ts';
import { parsedConfiguration } from './parsed-configuration.ts';
import { versionOf } from './candidate-settings.ts';

const FILE = `# The shop. Ask Ada before you change it.
pipeline: shop
source:
  type: postgres # the primary
  host: db1.example # moved in May
  database: shop
  user: reader
  password: { env: SHOP_PASSWORD }
  options: { work_mem: 64MB }

# Only what the shop floor needs.
tables:
  - name: public.orders # the big one
    mask: [ iban ]
  - { name: public.items }
`;
const store = { passwordReference: (place: string) => ({ file: `./secrets/${place}-password` }) };
const edit = (
  section: 'source' | 'schedule' | 'policies' | 'email',
  value: Record<string, string | number | object>,
  hasPassword = false,
) => editedText(FILE, { section, value: value as never, passwords: hasPassword ? [section as 'source'] : [] }, store);

it('changes a section and keeps comments, the password and all others as they are', () => {
  const value = { type: 'postgres', host: 'db2.example', database: 'shop', user: 'reader', port: 5433 };
  const text = edit('source', value);
  const expected = FILE.replace('db1.example', 'db2.example').replace(
    '  options: { work_mem: 64MB }\n',
    '  port: 5433\n',
  );
  expect(text).toBe(expected);
});

it('names the file of a new password in place of the reference that was there', () => {
  const text = edit('source', { type: 'postgres', host: 'db1.example', database: 'shop', user: 'reader' }, true);
  expect(text).toContain('file: ./secrets/source-password');
  expect(text).not.toContain('SHOP_PASSWORD');
});

it('adds a section that was not there, and takes an empty one away', () => {
  const text = edit('schedule', { type: 'daily', at: '03:00' });
  expect(text).toContain('schedule:\n  type: daily\n  at: 03:00\n');
  expect(editedText(text, { section: 'schedule', value: {}, passwords: [] }, store)).toBe(FILE);
  expect(edit('policies', { misfits: 'quarantine' })).toContain('\nmisfits: quarantine\n');
});

it('refuses a password in a value, and text that is not settings', () => {
  expect(() => edit('source', { password: 'hunter2' })).toThrow('beside the value');
  expect(() => editedText('- a\n- b\n', { section: 'source', value: {}, passwords: [] }, store)).toThrow('not YAML');
  expect(() => edit('policies', { password: 'x' })).toThrow();
});

it('shows a section without its password and without what looks like one', () => {
  const raw = { source: { host: 'h', password: { env: 'X' }, options: { sslpassword: 'hunter2', work_mem: '1MB' } } };
  expect(writtenSection(raw, 'source')).toEqual({ host: 'h', options: { work_mem: '1MB' } });
});

it('chooses, changes and leaves out tables, all in one text', () => {
  const { text, changed, selected } = editedTables(FILE, [
    { table: 'public.orders', options: { where: "state <> 'x'", mask: [] } },
    { table: 'public.items', selected: false },
    { table: 'public.customers', selected: true, options: { transfer: 'history' } },
    { table: 'public.unchosen', selected: false },
  ]);
  expect({ changed, selected }).toEqual({ changed: 3, selected: 2 });
  expect(text).toContain('# Only what the shop floor needs.\ntables:\n  - name: public.orders # the big one\n');
  const tables = writtenTables(parsedConfiguration({ text, file: '/x/y.yaml', version: versionOf(text) }).raw);
  expect([...tables]).toEqual([
    ['public.orders', { name: 'public.orders', where: "state <> 'x'" }],
    ['public.customers', { name: 'public.customers', transfer: 'history' }],
  ]);
});

it('leaves the text alone where nothing changes, and refuses options of a table that is not chosen', () => {
  expect(editedTables(FILE, [{ table: 'public.orders', selected: true, options: { mask: ['iban'] } }])).toEqual({
    ...{ text: FILE, changed: 0, selected: 2 },
  });
  expect(() => editedTables(FILE, [{ table: 'public.other', options: { where: 'x' } }])).toThrow('not chosen');
  expect(() => editedTables(FILE, [{ table: 'nodot', selected: true }])).toThrow('schema.table');
});

it('takes the last table away with the list', () => {
  const { text } = editedTables('pipeline: x\ntables:\n  - name: a.b\n', [{ table: 'a.b', selected: false }]);
  expect(text).toBe('pipeline: x\n');
  expect(editedTables(text, [{ table: 'a.b', selected: true }]).text).toBe('pipeline: x\ntables:\n  - name: a.b\n');
});

it('keeps the password of a section that may be there as long as somebody logs in, and takes both away', () => {
  const value = { host: 'mail.example', user: 'sender', from: 'a@b.example', to: 'c@d.example' };
  const text = edit('email', value, true);
  expect(text).toContain('file: ./secrets/email-password');
  const changed = (next: object) => editedText(text, { section: 'email', value: next as never, passwords: [] }, store);
  expect(changed({ ...value, host: 'other.example' })).toContain('file: ./secrets/email-password');
  expect(changed({ host: 'mail.example', from: value.from, to: value.to })).not.toContain('password: { file');
  expect(changed({})).toBe(FILE);
});

it('keeps the password of a database beside the source, names the file of a new one, and refuses one in the value', () => {
  const text = `pipeline: shop
source:
  type: oraclePluggable
  host: db.example
  database: SHOP
  user: READER
  password: { env: SHOP_PASSWORD }
  rootDatabase:
    database: CDB # the root
    user: C##READER
    password: { env: ROOT_PASSWORD }
`;
  const value = {
    ...{ type: 'oraclePluggable', host: 'db.example', database: 'SHOP', user: 'READER' },
    rootDatabase: { database: 'CDB', user: 'C##READER' },
  };
  const edited = (rootDatabase: object, passwords: readonly 'source.rootDatabase'[] = []) =>
    editedText(text, { section: 'source', value: { ...value, rootDatabase } as never, passwords }, store);
  expect(edited(value.rootDatabase)).toBe(text);
  const changed = edited(value.rootDatabase, ['source.rootDatabase']);
  expect(changed).toContain('file: ./secrets/source.rootDatabase-password');
  expect(changed).not.toContain('ROOT_PASSWORD');
  expect(changed).toContain('SHOP_PASSWORD');
  expect(() => edited({ ...value.rootDatabase, password: 'hunter2' })).toThrow('beside the value');
  const { raw } = parsedConfiguration({ text, file: '/shop.yaml', version: versionOf(text) });
  expect(writtenSection(raw, 'source')).toEqual(value);
});
