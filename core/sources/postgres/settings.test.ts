import { describe, expect, it } from 'vitest';
import { conditionFault } from '../condition.ts';
import { keyRanges } from '../key-ranges.ts';
import { pageRanges } from './chunks.ts';
import { lsnOrder, lsnText, parseLsn } from './place.ts';
import { defaultObjectName, postgresSettings } from './settings.ts';
import { identifier, literal } from './sql.ts';
import { OPAQUE } from './where.ts';

describe('PostgreSQL settings', () => {
  const least = { host: 'db.example.com', database: 'shop', user: 'reader' };

  it('fill in what is left out', () => {
    expect(postgresSettings.parse(least)).toMatchObject({
      extractType: 'logs',
      port: 5432,
      tls: { mode: 'verify', ca: null },
      heartbeatSeconds: null,
    });
    expect(postgresSettings.parse({ ...least, host: '127.0.0.1' }).tls).toEqual({ mode: 'off' });
    expect(defaultObjectName('my-shop')).toBe('penstock_my_shop');
  });

  it('refuse unknown names and options by name', () => {
    const wrong = postgresSettings.safeParse({ ...least, slott: 'x', options: { sslmode: 'disable' } });
    expect(JSON.stringify(wrong.error?.issues)).toContain('slott');
    expect(JSON.stringify(wrong.error?.issues)).toContain('sslmode');
    expect(postgresSettings.safeParse({ ...least, slot: 'No-Slot' }).success).toBe(false);
  });
});

describe('SQL texts', () => {
  it('are quoted', () => {
    expect(identifier('a"b')).toBe('"a""b"');
    expect(literal("it's")).toBe("'it''s'");
    expect(literal('a\\b')).toBe(" E'a\\\\b'");
  });

  it.each([
    ['a = 1', null],
    ["t = 'a;b)' -- ; )", null],
    ['"odd;)" = $q$ ; ) $q$', null],
    ["t = E'it\\'s' AND (a OR b)", null],
    ['/* ; */ a', null],
    ['', 'it is empty'],
    ['-- only a comment', 'it is empty'],
    ['a; DROP TABLE b', 'it holds a semicolon'],
    ['a) OR (b', 'it closes a parenthesis that it did not open'],
    ['(a', 'a parenthesis is not closed'],
    ["t = 'x", 'a quote is not closed'],
    ['a /* x', 'a comment is not closed'],
    // What begins in the middle of a name is no quote of its own; a comment ends where the server ends it.
    ["t = date'\\' ; DROP TABLE b; SELECT ''", 'it holds a semicolon'],
    ['(SELECT 1 AS x$a$) = 1); DROP TABLE b; SELECT (1 --$a$)', 'it holds a semicolon'],
    ['a -- x\r; DROP TABLE b', 'it holds a semicolon'],
    ["t = E'a\\\nb'", null],
  ])('condition %j: %s', (where, fault) => {
    expect(conditionFault(where, OPAQUE)).toBe(fault);
  });
});

describe('places and chunks', () => {
  it('LSNs go to texts and back', () => {
    expect(parseLsn('16/B374D848')).toBe(0x16_b374_d848n);
    expect(lsnText(0x16_b374_d848n)).toBe('16/B374D848');
    expect(lsnOrder(parseLsn('0/FFFFFFFF')) < lsnOrder(parseLsn('1/0'))).toBe(true);
  });

  it('ranges have open ends and no gaps', () => {
    expect(keyRanges('id', 'number', ['5', '9'])).toEqual([
      { tag: 'key', column: 'id', compareAs: 'number', after: null, upTo: '5' },
      { tag: 'key', column: 'id', compareAs: 'number', after: '5', upTo: '9' },
      { tag: 'key', column: 'id', compareAs: 'number', after: '9', upTo: null },
    ]);
    expect(pageRanges(10, 3)).toEqual([
      { tag: 'pages', from: '0', to: '4' },
      { tag: 'pages', from: '4', to: '8' },
      { tag: 'pages', from: '8', to: null },
    ]);
    expect(pageRanges(1, 3)).toEqual([{ tag: 'whole' }]);
  });
});
