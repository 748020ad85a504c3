import { describe, expect, it } from 'vitest';
import { printLobStep, printRedo, splitRedo } from '../../../../test/fixtures/oracle-fake/print-redo.ts';
import { randomLobStep, randomStatement, randomTable } from '../../../../test/fixtures/oracle-fake/random-redo.ts';
import { Random } from '../../../../test/fixtures/random.ts';
import { parseLobRedo } from './lob-redo.ts';
import { RedoParser } from './redo-parser.ts';

const seed = Number(process.env['SEED'] ?? 20_261);
const STATEMENTS = 6000;

describe(`what is printed is read back (SEED=${seed})`, () => {
  it('statements of many tables by one parser', () => {
    const random = new Random(seed);
    const parser = new RedoParser('strict');
    const tables = Array.from({ length: 40 }, () => randomTable(random));
    for (let count = 0; count < STATEMENTS; count++) {
      const statement = randomStatement(random, random.pick(tables));
      const options = { alias: statement.op !== 'insert' && random.chance(0.3), delimiter: random.chance(0.5) };
      const sql = printRedo(statement, options);
      expect(parser.parse(sql), sql).toEqual(statement);
    }
  });

  it('a statement cut into pieces of 4000 bytes is the pieces put together', () => {
    const random = new Random(seed + 1);
    for (let count = 0; count < 200; count++) {
      const sql = printRedo(randomStatement(random, randomTable(random)));
      const pieces = splitRedo(sql, 16 + random.below(200));
      expect(Math.max(...pieces.map((piece) => Buffer.byteLength(piece)))).toBeLessThanOrEqual(216);
      // Half a surrogate pair is no character of any of Oracle's character sets.
      expect(pieces.join('')).toBe(Buffer.from(sql).toString());
    }
  });

  it('a statement cut off anywhere is never an exception', () => {
    const random = new Random(seed + 2);
    const parser = new RedoParser('strict');
    let faults = 0;
    for (let count = 0; count < 300; count++) {
      const sql = printRedo(randomStatement(random, randomTable(random)));
      for (let cut = 0; cut < 20; cut++) {
        const length = random.below(sql.length);
        const parsed = parser.parse(sql.slice(0, length));
        if (parsed.op !== 'fault') continue;
        faults++;
        expect(parsed.offset).toBeLessThanOrEqual(length);
      }
    }
    expect(faults).toBeGreaterThan(5000);
  });

  it('any character put in or taken out never gives an exception, and a fault names nothing of the values', () => {
    const random = new Random(seed + 3);
    const parser = new RedoParser('relaxed');
    for (let count = 0; count < STATEMENTS; count++) {
      const sql = printRedo(randomStatement(random, randomTable(random)));
      const at = random.below(sql.length);
      const mutated =
        sql.slice(0, at) + random.pick(["'", '"', ',', ' ', ')', '', 'x']) + sql.slice(at + random.below(3));
      const parsed = parser.parse(mutated);
      if (parsed.op === 'fault') {
        expect(parsed.reason).toMatch(
          /^(expected|\d+ values for \d+ columns|more values than|a string has|a name|ambiguous|(half|no) |column ".*" is there twice|ROWID is|\|\| between)/s,
        );
      }
    }
  });

  it('the steps of a LOB, one by one and as a block', () => {
    const random = new Random(seed + 4);
    const parser = new RedoParser('strict');
    for (let count = 0; count < 2000; count++) {
      const table = randomTable(random);
      const kind = random.pick(['CLOB', 'NCLOB', 'BLOB'] as const);
      const step = randomLobStep(random, table);
      const sql = printLobStep(step, kind);
      expect(parseLobRedo(sql, parser), sql).toEqual({ tag: 'steps', steps: [step] });
      const writes = Array.from({ length: random.below(4) }, () => randomLobStep(random, table)).filter(
        (other) => other.tag !== 'locate',
      );
      const block = `${sql}${writes.map((write) => printLobStep(write, kind)).join('')}END;`;
      expect(parseLobRedo(block, parser), block).toEqual({ tag: 'steps', steps: [step, ...writes] });
    }
  });
});
