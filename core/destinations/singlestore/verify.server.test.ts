import { expect, inject, test } from 'vitest';
import {
  bytesOf,
  INTEGER,
  keyedPart,
  step,
  targetFor,
  testDestination,
  text,
  TEXT,
} from '../../../test/fixtures/destination-tables.ts';
import { rowHash } from '../../changes/row-digest.ts';
import type { ChunkRange } from '../../changes/copy-mark.ts';
import { encodeLine } from '../../extracts/row-encoding.ts';
import type { ChunkChecksum, RowDigest } from '../../sources/source-connector.ts';

const never = new AbortController().signal;
const WHOLE: ChunkRange = { tag: 'whole' };

/** The rule of ChunkChecksum, computed here. */
function checksum(digests: readonly string[]): ChunkChecksum {
  const sum = (from: number): bigint =>
    digests.reduce((total, digest) => total + BigInt(`0x${digest.slice(from, from + 15)}`), 0n);
  return { rows: digests.length, sum: `${sum(0)}:${sum(15)}` };
}

async function all(rows: AsyncIterable<RowDigest>): Promise<RowDigest[]> {
  return Array.fromAsync(rows);
}

const COLUMNS = {
  id: { tag: 'integer', bits: 64, unsigned: true },
  flag: { tag: 'boolean' },
  amount: { tag: 'decimal', precision: 65, scale: 30 },
  price: { tag: 'decimal', precision: 10, scale: 0 },
  ratio: { tag: 'double' },
  day: { tag: 'date' },
  hour: { tag: 'time', fraction: 6 },
  minute: { tag: 'time', fraction: 0 },
  moment: { tag: 'datetime', fraction: 6 },
  second: { tag: 'datetime', fraction: 0 },
  milli: { tag: 'datetime', fraction: 3 },
  short: text(20),
  long: TEXT,
  bytes: { tag: 'binary', maxBytes: 16 },
} as const;
const ROWS: (string | null)[][] = [
  [
    '18446744073709551615',
    '1',
    `-${'9'.repeat(35)}.${'9'.repeat(30)}`,
    '-5',
    '0.1',
    '1000-01-01',
    '-838:59:59.999999',
    '00:00:00',
    '9999-12-31 23:59:59.999999',
    '1000-01-01 00:00:00',
    '2026-11-21 09:00:00.100',
    'ä😀 ',
    'tab\tline\n\\ nul\0',
    '00ff',
  ],
  [
    '0',
    '0',
    `0.${'0'.repeat(30)}`,
    '0',
    '1e300',
    '9999-12-31',
    '00:00:00.000001',
    '-00:00:01',
    '1000-01-01 00:00:00.000000',
    '2026-11-21 09:00:00',
    '1000-01-01 00:00:00.000',
    '',
    '',
    '',
  ],
  ['10', ...Array.from({ length: 13 }, () => null)],
  ['9', '1', `1.5${'0'.repeat(29)}`, '7', null, null, null, null, null, null, null, '-', '1:a', '2d'],
];
const withoutDouble = (row: readonly (string | null)[]): (string | null)[] => row.filter((_, index) => index !== 4);

test('checksums and digests follow the rule for every type', async () => {
  await using t = await testDestination(inject('mariadb'), 'verify_types');
  const target = targetFor(t.settings, { columns: COLUMNS, key: ['id'] });
  await t.destination.takeLedger('billing', 1, never);
  const copy = { pipeline: 'billing', target, generation: 1, takenAt: '2026-11-21T09:00:00.000000Z', epoch: 1 };
  await t.destination.beginCopy(copy, never);
  const chunk = { index: 0, rows: ROWS.length, open: () => bytesOf(ROWS.map(encodeLine)), misfits: [] };
  await t.destination.copyChunk(copy, chunk, never);
  await t.destination.finishCopy(copy, 0, never);
  const digests = ROWS.map((row) => rowHash(withoutDouble(row)));
  expect(await t.destination.checksum(target, WHOLE, never)).toEqual(checksum(digests));
  const rows = await all(t.destination.rowDigests(target, WHOLE, never));
  expect(rows.map((row) => row.key)).toEqual([['0'], ['10'], ['18446744073709551615'], ['9']]);
  expect(rows.map((row) => row.digest)).toEqual([1, 2, 0, 3].map((index) => digests[index]));
  expect(rows.map((row) => row.doubles.map((value) => (value === null ? null : Number(value))))).toEqual([
    [1e300],
    [null],
    [0.1],
    [null],
  ]);
  const range: ChunkRange = { tag: 'key', column: 'id', compareAs: 'number', after: '9', upTo: '18446744073709551615' };
  expect(await t.destination.checksum(target, range, never)).toEqual(checksum([digests[0]!, digests[2]!]));
  expect((await all(t.destination.rowDigests(target, range, never))).map((row) => row.key[0])).toEqual([
    '10',
    '18446744073709551615',
  ]);
  const none: ChunkRange = { tag: 'key', column: 'day', compareAs: 'bytes', after: '9999-12-31', upTo: null };
  expect(await t.destination.checksum(target, none, never)).toEqual({ rows: 0, sum: '0:0' });
  const days: ChunkRange = { tag: 'key', column: 'day', compareAs: 'bytes', after: null, upTo: '1000-01-01' };
  expect(await t.destination.checksum(target, days, never)).toEqual(checksum([digests[0]!]));
});

test('text keys are in byte order, without padding, however long', async () => {
  await using t = await testDestination(inject('mariadb'), 'verify_text_keys');
  const target = targetFor(t.settings, { columns: { k: TEXT, n: INTEGER }, key: ['k', 'n'] });
  const keys = [
    'b',
    'a',
    'B',
    'a ',
    'a\t',
    '\uffee',
    '😀',
    '',
    'ä',
    'x'.repeat(600),
    `${'x'.repeat(600)}a`,
    `${'ä'.repeat(700)}b`,
    `${'ä'.repeat(700)}a`,
  ];
  // As text 10 comes before 9: a sort that saw only the beginning of a long key would put its 10 first.
  const numberOf = (k: string): string => (k.endsWith('b') ? '10' : '9');
  const changes = keys.map((k) => ({ op: 'U', values: { k, n: numberOf(k) } }) as const);
  await t.destination.takeLedger('billing', 1, never);
  await t.destination.createTable(target, never);
  await t.destination.merge(step(1, [keyedPart(target, [...changes, { op: 'U', values: { k: 'b', n: '9' } }])]), never);
  const rows = await all(t.destination.rowDigests(target, WHOLE, never));
  const bytes = (key: readonly string[]): Buffer => Buffer.from(key.join('\u0001'));
  const sorted = [...keys.map((k) => [k, numberOf(k)]), ['b', '9']].sort((a, b) =>
    a[0] === b[0]
      ? Buffer.compare(Buffer.from(a[1]!), Buffer.from(b[1]!))
      : Buffer.compare(Buffer.from(a[0]!), Buffer.from(b[0]!)),
  );
  expect(rows.map((row) => bytes(row.key).toString())).toEqual(sorted.map((key) => bytes(key).toString()));
});

test('a table without a key gives digests alone, a history its open versions', async () => {
  await using t = await testDestination(inject('mariadb'), 'verify_others');
  await t.destination.takeLedger('billing', 1, never);
  const keyless = targetFor(t.settings, { name: 'keyless', columns: { a: INTEGER }, key: null });
  const history = targetFor(t.settings, {
    name: 'kept',
    columns: { id: INTEGER, a: INTEGER },
    key: ['id'],
    transfer: 'history',
  });
  for (const target of [keyless, history]) await t.destination.createTable(target, never);
  const line = (values: string[], ordinal: string): string =>
    encodeLine(['U', '1', '2026-11-21 09:00:00.000000', rowHash(values), ordinal, ...values]);
  const part = {
    ...keyedPart(history, [
      { op: 'U', values: { id: '1', a: '1' } },
      { op: 'U', values: { id: '1', a: '2' } },
      { op: 'U', values: { id: '2', a: '1' } },
      { op: 'D', values: { id: '2' } },
    ]),
  };
  const rows = [line(['7'], '1'), line(['7'], '2'), line(['8'], '1')];
  await t.destination.merge(step(1, [part, { ...keyedPart(keyless, []), rows: 3, open: () => bytesOf(rows) }]), never);
  const digests = [rowHash(['7']), rowHash(['7']), rowHash(['8'])].sort();
  expect(await t.destination.checksum(keyless, WHOLE, never)).toEqual(checksum(digests));
  expect((await all(t.destination.rowDigests(keyless, WHOLE, never))).map((row) => row.key)).toEqual(
    digests.map((digest) => [digest]),
  );
  expect(await t.destination.checksum(history, WHOLE, never)).toEqual(checksum([rowHash(['1', '2'])]));
});

test('a consumer that stops early gives its connection back', async () => {
  await using t = await testDestination(inject('mariadb'), 'verify_early', { settings: { loadThreads: 1 } });
  const target = targetFor(t.settings, { columns: { id: INTEGER }, key: ['id'] });
  await t.destination.takeLedger('billing', 1, never);
  await t.destination.createTable(target, never);
  await t.destination.merge(
    step(1, [
      keyedPart(
        target,
        ['1', '2', '3'].map((id) => ({ op: 'U', values: { id } }) as const),
      ),
    ]),
    never,
  );
  for (let time = 0; time < 5; time++) {
    for await (const row of t.destination.rowDigests(target, WHOLE, never)) {
      expect(row.key).toEqual(['1']);
      break;
    }
  }
  expect(await t.destination.checksum(target, WHOLE, never)).toMatchObject({ rows: 3 });
});
