import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { mysqlTestSource } from '../../../../test/fixtures/mysql-source.ts';
import { Random } from '../../../../test/fixtures/random.ts';
import type { SourceClient } from '../../../../test/fixtures/test-source.ts';
import { doubleText } from './double-text.ts';

const SEED = 20261121;
const COUNT = 20_000;
const AT_ONCE = 2000;
const DATABASE = 'double_text';

let client: SourceClient;
beforeAll(async () => {
  await mysqlTestSource.createDatabase(inject('mariadb'), DATABASE);
  client = await mysqlTestSource.connect(inject('mariadb'), DATABASE);
  await client.run('CREATE TABLE doubles (id int PRIMARY KEY, v double NOT NULL)');
});
afterAll(async () => {
  await client.end();
});

/** What the server prints for each; the numbers go there with all digits that tell them from others. */
async function printed(numbers: readonly number[]): Promise<string[]> {
  await client.run('TRUNCATE TABLE doubles');
  for (let at = 0; at < numbers.length; at += AT_ONCE) {
    const rows = numbers.slice(at, at + AT_ONCE).map((number, index) => `(${at + index}, ${number.toExponential(17)})`);
    await client.run(`INSERT INTO doubles VALUES ${rows.join(', ')}`);
  }
  return (await client.rows('SELECT v FROM doubles ORDER BY id')).map(([text]) => text ?? '');
}

/** Any bits, then numbers of all sizes, then decimal fractions as people write them, then floats. */
function randomNumbers(random: Random): number[] {
  const view = new DataView(new ArrayBuffer(8));
  return Array.from({ length: COUNT }, (_, index) => {
    switch (index % 4) {
      case 0:
        view.setUint32(0, random.below(2 ** 32));
        view.setUint32(4, random.below(2 ** 32));
        return view.getFloat64(0);
      case 1:
        return (random.fraction() - 0.5) * 10 ** (random.below(40) - 20);
      case 2:
        return (
          Number(`${random.below(10 ** 9)}.${random.below(10 ** random.below(9))}`) * (random.chance(0.5) ? 1 : -1)
        );
      default:
        return Math.fround(random.fraction() * 10 ** (random.below(60) - 30));
    }
  }).filter((number) => Number.isFinite(number));
}

it(`prints ${COUNT} random doubles as the server does (seed ${SEED})`, async () => {
  const numbers = randomNumbers(new Random(SEED));
  expect(numbers.map(doubleText)).toEqual(await printed(numbers));
});

it('prints powers of ten and their neighbours as the server does', async () => {
  const powers = Array.from({ length: 616 }, (_, index) => Number(`1e${index - 307}`));
  const numbers = powers.flatMap((power) => [power, power * 1.5, power * (1 + Number.EPSILON), power * (10 - 1e-14)]);
  const edges = [
    0,
    5e-324,
    Number.MAX_VALUE,
    2 ** 53,
    2 ** 53 + 2,
    2 ** 63,
    999999999999999,
    1234567890123456.8,
    1e15 + 0.5,
  ];
  const all = [...numbers, ...edges, ...edges.map((number) => -number)].filter(
    (number) => Number.isFinite(number) && !Object.is(number, -0),
  );
  expect(all.map(doubleText)).toEqual(await printed(all));
});
