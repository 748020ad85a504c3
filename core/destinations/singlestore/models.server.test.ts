import { expect, inject, test } from 'vitest';
import {
  INTEGER,
  keyedPart,
  partOf,
  step,
  targetFor,
  testDestination,
  text,
  TEXT,
  type Change,
} from '../../../test/fixtures/destination-tables.ts';
import { randomSequence } from '../../../test/fixtures/random-sequence.ts';
import { rowHash } from '../../changes/row-digest.ts';
import { encodeLine } from '../../extracts/row-encoding.ts';

const never = new AbortController().signal;
const STEPS = 25;
const SEEDS = [1, 2, 3, Number(process.env['PENSTOCK_SEED'] ?? 20261121)];
const AT = '2026-11-21 09:00:00.000000';

for (const seed of SEEDS) {
  test(`a table without a key holds each row as often as the model (seed ${seed})`, async () => {
    const random = randomSequence(seed);
    await using t = await testDestination(inject('mariadb'), 'model_keyless');
    const target = targetFor(t.settings, { columns: { a: text(5), b: INTEGER }, key: null });
    await t.destination.takeLedger('billing', 1, never);
    await t.destination.createTable(target, never);
    const model = new Map<string, { readonly values: (string | null)[]; count: number }>();
    for (let extract = 1; extract <= STEPS; extract++) {
      const truncatedAt = random.below(10) === 0 ? '2026-11-21T09:00:00.000000Z' : null;
      if (truncatedAt !== null) model.clear();
      const lines: string[] = [];
      for (let a = 0; a < 6; a++) {
        if (random.below(2) === 0) continue;
        const values = [a === 5 ? null : `v${a}`, String(a)];
        const hash = rowHash(values);
        const entry = model.get(hash) ?? { values, count: 0 };
        model.set(hash, entry);
        const change = random.below(7) - 3;
        const net = Math.max(change, -entry.count);
        entry.count += net;
        const line = (op: string, ordinal: number): string =>
          encodeLine([op, String(extract * 100 + a), AT, hash, String(ordinal), ...values]);
        for (let ordinal = 1; ordinal <= net; ordinal++) lines.push(line('U', ordinal));
        if (net < 0) lines.push(line('D', -net));
      }
      await t.destination.merge(step(extract, [partOf(target, ['a', 'b'], lines, false, { truncatedAt })]), never);
      const rows = await t.sql(
        'SELECT a, b, COUNT(*) AS n, MAX(__ordinal) AS last, COUNT(DISTINCT __row) AS hashes FROM t GROUP BY a, b ORDER BY b',
      );
      const expected = [...model.values()]
        .filter((entry) => entry.count > 0)
        .map(({ values: [a, b], count }) => ({ a, b: Number(b), n: count, last: count, hashes: 1 }))
        .sort((x, y) => x.b - y.b);
      expect(rows, `seed ${seed}, extract ${extract}`).toEqual(expected);
    }
    const gone = encodeLine(['D', '9', AT, rowHash(['no', '1']), '1', 'no', '1']);
    const tooMany = step(STEPS + 1, [partOf(target, ['a', 'b'], [gone], false)]);
    await expect(t.destination.merge(tooMany, never)).rejects.toMatchObject({ code: 'PS4007', table: 'public.t' });
  });

  test(`a mirror follows its model through key changes with absent values (seed ${seed})`, async () => {
    const random = randomSequence(seed + 500);
    await using t = await testDestination(inject('mariadb'), 'model_mirror');
    const target = targetFor(t.settings, { columns: { k: text(5), v: INTEGER, big: TEXT }, key: ['k'] });
    await t.destination.takeLedger('billing', 1, never);
    await t.destination.createTable(target, never);
    let model = new Map<string, { v: string; big: string }>();
    for (let extract = 1; extract <= STEPS; extract++) {
      // What a compacted part says: where each row that is there now comes from, and which keys are gone.
      const next = new Map<string, { v: string; big: string }>();
      const changes: Change[] = [];
      const keys = ['a', 'A', 'b', 'b ', 'c', 'd', 'e'];
      const free = new Set(keys);
      for (const [key, row] of [...model].sort(() => random.fraction() - 0.5)) {
        const roll = random.below(6);
        if (roll === 0) continue;
        const others = [...free].filter((name) => !next.has(name));
        const to = roll <= 2 ? key : (others[random.below(others.length)] ?? key);
        if (next.has(to)) continue;
        const v = String(random.below(100));
        next.set(to, roll === 1 && to === key ? row : { v, big: row.big });
        if (roll !== 1 || to !== key) changes.push({ op: 'U', values: { k: to, v }, absent: ['big'], origin: [key] });
      }
      for (const key of keys) {
        if (next.has(key) || random.below(3) > 0) continue;
        const row = { v: String(random.below(100)), big: `big ${extract} ${key}` };
        next.set(key, row);
        changes.push({ op: 'U', values: { k: key, ...row } });
      }
      for (const key of model.keys()) if (!next.has(key)) changes.push({ op: 'D', values: { k: key } });
      await t.destination.merge(step(extract, [keyedPart(target, changes)]), never);
      model = next;
      const rows = await t.sql('SELECT k, v, big FROM t');
      const expected = [...model].map(([k, { v, big }]) => ({ k, v: Number(v), big }));
      const byKey = (x: { k?: unknown }, y: { k?: unknown }): number => (String(x.k) < String(y.k) ? -1 : 1);
      expect(rows.sort(byKey), `seed ${seed}, extract ${extract}`).toEqual(expected.sort(byKey));
    }
  });

  test(`a history holds every version of its model (seed ${seed})`, async () => {
    const random = randomSequence(seed + 1000);
    await using t = await testDestination(inject('mariadb'), 'model_history');
    const target = targetFor(t.settings, {
      columns: { k: INTEGER, v: INTEGER, big: TEXT },
      key: ['k'],
      transfer: 'history',
    });
    await t.destination.takeLedger('billing', 1, never);
    await t.destination.createTable(target, never);
    interface Version {
      readonly k: number;
      readonly v: number;
      readonly big: string;
      readonly from: string;
      to: string;
      readonly seq: number;
    }
    const OPEN = '9999-12-31 00:00:00.000000';
    const versions: Version[] = [];
    const openOf = (k: number): Version | undefined =>
      versions.find((version) => version.k === k && version.to === OPEN);
    let second = 0;
    for (let extract = 1; extract <= STEPS; extract++) {
      const changes: Change[] = [];
      let truncatedAt: string | null = null;
      if (random.below(8) === 0) {
        truncatedAt = `2026-11-21T${clock(++second)}.000000Z`;
        for (const version of versions) if (version.to === OPEN) version.to = `2026-11-21 ${clock(second)}.000000`;
      }
      /** Which key a row had before this part; null when it was written whole in it. */
      const origin = new Map<number, string | null>(
        truncatedAt === null ? versions.filter((one) => one.to === OPEN).map((one) => [one.k, String(one.k)]) : [],
      );
      for (let index = 0; index < random.below(9); index++) {
        const k = random.below(5);
        // Some transactions share one time.
        if (random.below(3) > 0) second++;
        const at = `2026-11-21 ${clock(second)}.000000`;
        const seq = extract * 1000 + index * 2;
        const open = openOf(k);
        const v = random.below(100);
        const close = (): void => {
          if (open !== undefined) open.to = at;
        };
        if (open !== undefined && random.below(4) === 0) {
          close();
          origin.delete(k);
          changes.push({ op: 'D', values: { k: String(k) }, seq, at });
          continue;
        }
        const to = random.below(4) === 0 ? random.below(5) : k;
        if (open !== undefined && (to === k || openOf(to) === undefined)) {
          close();
          const from = origin.get(k) ?? null;
          if (to !== k) changes.push({ op: 'D', values: { k: String(k) }, seq, at });
          const absent = from === null ? {} : { absent: ['big'], origin: [from] };
          changes.push({
            op: 'U',
            values: { k: String(to), v: String(v), big: from === null ? open.big : null },
            seq: seq + 1,
            at,
            ...absent,
          });
          versions.push({ k: to, v, big: open.big, from: at, to: OPEN, seq: seq + 1 });
          origin.delete(k);
          origin.set(to, from);
        } else if (open === undefined) {
          const big = `big ${seq}`;
          changes.push({ op: 'U', values: { k: String(k), v: String(v), big }, seq, at });
          versions.push({ k, v, big, from: at, to: OPEN, seq });
          origin.set(k, null);
        }
      }
      await t.destination.merge(step(extract, [keyedPart(target, changes, { truncatedAt })]), never);
      const rows = await t.sql(
        'SELECT k, v, big, valid_from AS `from`, valid_to AS `to`, __seq AS seq FROM t ORDER BY k, seq',
      );
      expect(rows, `seed ${seed}, extract ${extract}`).toEqual(versions.toSorted((x, y) => x.k - y.k || x.seq - y.seq));
    }
  });
}

function clock(second: number): string {
  const part = (value: number): string => String(value).padStart(2, '0');
  return `${part(Math.floor(second / 3600))}:${part(Math.floor(second / 60) % 60)}:${part(second % 60)}`;
}
