import { describe, expect, it } from 'vitest';
import { destinationSettings } from '../destinations/singlestore/settings.ts';
import { postgresKind } from '../sources/postgres/settings.ts';
import { problemText } from './configuration-problem.ts';
import { configurationError, parseSettings } from './parse-settings.ts';
import type { PipelineSettings } from './settings.ts';

const sections = { sources: [postgresKind], destinations: { singlestore: destinationSettings } };

const PARTS = {
  pipeline: 'pipeline: billing\n',
  source: `source:
  type: postgres
  host: 127.0.0.1
  database: shop
  user: repl
  password: { env: SHOP_PASSWORD }
`,
  destination: `destination:
  type: singlestore
  host: 127.0.0.1
  database: shop
  user: root
  password: { file: secrets/s2 }
`,
  tables: `tables:
  - name: public.orders
`,
  rest: '',
};

function yaml(changed: Partial<typeof PARTS> = {}): string {
  return Object.values({ ...PARTS, ...changed }).join('');
}

function settingsOf(text: string): PipelineSettings {
  const parsed = parseSettings(text, '/etc/penstock/penstock.yaml', sections);
  if (parsed.tag === 'problems') throw configurationError('penstock.yaml', parsed.problems);
  return parsed.settings;
}

function problemsOf(text: string): string[] {
  const parsed = parseSettings(text, '/etc/penstock/penstock.yaml', sections);
  if (parsed.tag === 'settings') return [];
  return parsed.problems.map((problem) => problemText(problem).replace('  ', ' '));
}

describe('a valid file', () => {
  it('gets every default', () => {
    expect(settingsOf(yaml())).toMatchObject({
      pipeline: 'billing',
      source: {
        type: 'postgres',
        password: { tag: 'env', name: 'SHOP_PASSWORD' },
        extractThreads: 2,
        specific: { host: '127.0.0.1', port: 5432, database: 'shop', user: 'repl', extractType: 'logs' },
      },
      destination: { host: '127.0.0.1', port: 3306, password: { tag: 'file', path: '/etc/penstock/secrets/s2' } },
      tables: [
        {
          table: { schema: 'public', name: 'orders' },
          transfer: 'mirror',
          key: null,
          mask: [],
          where: null,
          skipInitialExtract: false,
          redoInitialExtract: false,
          typeChange: {},
          timestampColumn: null,
          misfits: 'stop',
          structure: {
            add: 'automatic',
            widen: 'automatic',
            rename: 'wait',
            drop: 'wait',
            narrow: 'wait',
            key: 'wait',
          },
        },
      ],
      extracts: {
        ...{ milliseconds: 1000, rows: 50_000, bytes: 16_000_000, maxBehind: 100, chunkBytes: 16_000_000 },
        retentionMilliseconds: 14 * 86_400_000,
        listedMilliseconds: 140 * 86_400_000,
      },
      history: {
        startColumn: 'history_start_date',
        endColumn: 'history_end_date',
        openEndDate: '9999-12-31',
        keepByDefault: false,
      },
      schedule: { tag: 'automatic' },
      consistency: 'extract',
      misfits: 'stop',
      state: '/etc/penstock/.penstock',
    });
  });

  it('keeps what is set, per table too', () => {
    const tables = `tables:
  - name: public.orders
    key: [id]
    mask: [card_number]
    where: "created_at >= DATE '2024-01-01'"
    typeChange: { legacy_date: "@D(yyyyMMdd)" }
    misfits: quarantine
    structure: { drop: keep, add: wait }
  - name: 'public."odd.name"'
    transfer: mirror
`;
    const rest =
      'extracts: { seconds: 0.2 }\nhistory: { keepByDefault: true }\nmisfits: stop\nstructure: { rename: automatic, drop: drop }\nstate: /var/lib/penstock\n';
    const settings = settingsOf(yaml({ tables, rest }));
    expect(settings.state).toBe('/var/lib/penstock');
    expect(settings.extracts.milliseconds).toBe(200);
    expect(settings.tables).toMatchObject([
      {
        transfer: 'history',
        key: ['id'],
        mask: ['card_number'],
        where: "created_at >= DATE '2024-01-01'",
        typeChange: { legacy_date: '@D(yyyyMMdd)' },
        misfits: 'quarantine',
        structure: { add: 'wait', rename: 'automatic', drop: 'keep' },
      },
      {
        table: { schema: 'public', name: 'odd.name' },
        transfer: 'mirror',
        misfits: 'stop',
        structure: { drop: 'drop' },
      },
    ]);
  });

  it('keeps nothing of the file that the settings do not name', () => {
    expect(Object.keys(settingsOf(yaml()).tables[0] ?? {}).sort()).toEqual(
      [
        'key',
        'mask',
        'misfits',
        'redoInitialExtract',
        'skipInitialExtract',
        'structure',
        'table',
        'timestampColumn',
        'transfer',
        'typeChange',
        'where',
      ].sort(),
    );
  });
});

it('relative files are beside the configuration', () => {
  const settings = settingsOf(yaml({ destination: PARTS.destination + '  tls: { mode: verify, ca: ca.pem }\n' }));
  expect(settings.destination.tls).toEqual({ mode: 'verify', ca: '/etc/penstock/ca.pem' });
});

describe('problems', () => {
  it.each<[string, string, string]>([
    ['missing section', yaml({ destination: '' }), '1:1 destination: expected a mapping, found nothing'],
    ['empty file', '', '1:1 expected a mapping, found an empty value'],
    ['list as file', '- a\n', '1:1 expected a mapping, found a list'],
    [
      'pipeline name',
      yaml({ pipeline: 'pipeline: My_Pipe\n' }),
      '1:1 pipeline: expected 1 to 40 of a-z, 0-9 and -, found "My_Pipe"',
    ],
    ['number as text', yaml({ pipeline: 'pipeline: 7\n' }), '1:1 pipeline: expected text, found 7 (a number)'],
    [
      'item of a list',
      yaml({ tables: 'tables:\n  - name: a.b\n    mask: [card, 5]\n' }),
      '16:18 tables[0].mask[1]: expected text, found 5 (a number)',
    ],
    [
      'unknown name in a table',
      yaml({ tables: 'tables:\n  - name: a.b\n    trasnfer: mirror\n' }),
      '16:5 tables[0].trasnfer: unknown name; did you mean `transfer`?',
    ],
    [
      'unknown name far from all',
      yaml({ rest: 'history: { zzzzzzzzz: 1 }\n' }),
      '16:12 history.zzzzzzzzz: unknown name; known are startColumn, endColumn, openEndDate, keepByDefault',
    ],
    [
      'unknown name at the top',
      yaml({ rest: 'consistancy: table\n' }),
      '16:1 consistancy: unknown name; did you mean `consistency`?',
    ],
    [
      'unknown name in the source',
      yaml({ source: PARTS.source + '  prot: 5433\n' }),
      '8:3 source.prot: unknown name; did you mean `port`?',
    ],
    [
      'unknown name among what all sources have',
      yaml({ source: PARTS.source + '  extractThread: 3\n' }),
      '8:3 source.extractThread: unknown name; did you mean `extractThreads`?',
    ],
    [
      'unknown driver option',
      yaml({ destination: PARTS.destination + '  options: { connectTimeuot: 5 }\n' }),
      '14:14 destination.options.connectTimeuot: unknown name; did you mean `connectTimeout`?',
    ],
    [
      'wrong choice',
      yaml({ tables: 'tables:\n  - name: a.b\n    transfer: histroy\n' }),
      '16:5 tables[0].transfer: expected one of mirror, history, found "histroy"; did you mean `history`?',
    ],
    [
      'kind of source',
      yaml({ source: PARTS.source.replace('type: postgres', 'type: postgers') }),
      '3:3 source.type: expected one of postgres, found "postgers"; did you mean `postgres`?',
    ],
    [
      'kind of destination',
      yaml({ destination: PARTS.destination.replace('singlestore', 'snowflake') }),
      '9:3 destination.type: expected one of singlestore, found "snowflake"',
    ],
    [
      'port out of range',
      yaml({ source: PARTS.source + '  port: 99999\n' }),
      '8:3 source.port: expected at most 65535, found 99999 (a number)',
    ],
    [
      'part of a number',
      yaml({ rest: 'extracts: { rows: 1.5 }\n' }),
      '16:13 extracts.rows: expected a whole number, found 1.5 (a number)',
    ],
    [
      'yes is no truth value',
      yaml({ rest: 'history: { keepByDefault: yes }\n' }),
      '16:12 history.keepByDefault: expected true or false, found "yes"',
    ],
    [
      'date',
      yaml({ rest: 'history: { openEndDate: 31.12.9999 }\n' }),
      '16:12 history.openEndDate: expected a date as YYYY-MM-DD, found "31.12.9999"',
    ],
    [
      'an open end date that versions may reach',
      yaml({ rest: "history: { openEndDate: '2026-12-31' }\n" }),
      '16:12 history.openEndDate: expected a date from 2099-01-01 on, later than the end of every version, found "2026-12-31"',
    ],
    [
      'a history column with a name of Penstock',
      yaml({ rest: 'history: { startColumn: __seq }\n' }),
      '16:12 history.startColumn: expected a column name of 1 to 63 characters that neither begins with __ nor ends with a space, found "__seq"',
    ],
    [
      'a history column with a name that is too long',
      yaml({ rest: `history: { endColumn: ${'x'.repeat(64)} }\n` }),
      `16:12 history.endColumn: expected a column name of 1 to 63 characters that neither begins with __ nor ends with a space, found "${'x'.repeat(57)}..."`,
    ],
    [
      'table name without a schema',
      yaml({ tables: 'tables:\n  - name: orders\n' }),
      '15:5 tables[0].name: expected schema.table; a part with a dot or a quote in double quotes, found "orders"',
    ],
    [
      'TLS',
      yaml({ source: PARTS.source + '  tls: { mode: verfy }\n' }),
      '8:10 source.tls.mode: expected one of off, verify, found "verfy"; did you mean `verify`?',
    ],
    [
      'a setting of TLS',
      yaml({ destination: PARTS.destination + '  tls: { mode: verify, ac: x.pem }\n' }),
      '14:24 destination.tls.ac: unknown name; did you mean `ca`?',
    ],
    ['no tables', yaml({ tables: 'tables: []\n' }), '14:1 tables: expected a list of at least 1, found a list'],
    [
      'a table twice',
      yaml({ tables: 'tables:\n  - name: a.b\n  - name: \'"a".b\'\n' }),
      '16:5 tables[1].name: expected every table once, found a.b at tables[0] too',
    ],
    [
      'masked key',
      yaml({ tables: 'tables:\n  - name: a.b\n    key: [id]\n    mask: [id]\n' }),
      '16:11 tables[0].key[0]: expected a column that is read, found id, which is masked',
    ],
    [
      'key column twice',
      yaml({ tables: 'tables:\n  - name: a.b\n    key: [id, id]\n' }),
      '16:15 tables[0].key[1]: expected every column once, found id twice',
    ],
    [
      'type change',
      yaml({ tables: 'tables:\n  - name: a.b\n    typeChange: { day: "@X" }\n' }),
      '16:19 tables[0].typeChange.day: expected @I, @L, @F, @S, @D(format) or @T(format), found "@X"',
    ],
    [
      'skip and redo',
      yaml({ tables: 'tables:\n  - name: a.b\n    skipInitialExtract: true\n    redoInitialExtract: true\n' }),
      '17:5 tables[0].redoInitialExtract: expected only one of skipInitialExtract and redoInitialExtract, found both',
    ],
    [
      'condition without a full extract',
      yaml({ tables: 'tables:\n  - name: a.b\n    skipInitialExtract: true\n    where: a > 1\n' }),
      '17:5 tables[0].where: expected nothing beside skipInitialExtract: it is for the full extract only',
    ],
    [
      'history columns of one name',
      yaml({ rest: 'history: { startColumn: Valid, endColumn: valid }\n' }),
      '16:32 history.endColumn: expected another name than startColumn, found "valid"',
    ],
    ['name twice', yaml({ rest: 'pipeline: other\n' }), '16:1 this name stands twice in one mapping'],
  ])('%s', (_, text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it('tells all of them at once, in the order of the file', () => {
    const text = yaml({
      pipeline: 'pipeline: B\n',
      source: PARTS.source.replace('host: 127.0.0.1', 'hots: 127.0.0.1'),
      destination: PARTS.destination + '  port: x\n',
      tables: 'tables:\n  - name: orders\n    mask: 5\n',
    });
    expect(problemsOf(text).map((problem) => problem.split(' ')[1])).toEqual([
      'pipeline:',
      'source.host:',
      'source.hots:',
      'destination.port:',
      'tables[0].name:',
      'tables[0].mask:',
    ]);
  });

  it('are one error that names the file', () => {
    const parsed = parseSettings(yaml({ tables: 'tables: 5\n' }), '/etc/p.yaml', sections);
    const error = configurationError('/etc/p.yaml', parsed.tag === 'problems' ? parsed.problems : []);
    expect(error.code).toBe('PS1001');
    expect(error.message).toBe(
      'PS1001 configuration is not valid: /etc/p.yaml\n  14:1  tables: expected a list, found 5 (a number)',
    );
  });
});

describe('secrets', () => {
  const withPassword = (password: string) => yaml({ source: PARTS.source.replace('{ env: SHOP_PASSWORD }', password) });

  it('are refused as plain text, with the reason', () => {
    const problem =
      '7:3 source.password: expected { env: NAME }, { file: path } or { secret: name }; plain text is refused, because configuration files are copied and committed';
    expect(problemsOf(withPassword('hunter2'))).toEqual([problem]);
    expect(problemsOf(withPassword('12345678'))).toEqual([problem]);
    expect(problemsOf(yaml({ destination: PARTS.destination.replace('{ file: secrets/s2 }', 'hunter2') }))).toEqual([
      problem.replace('7:3', '13:3').replace('source', 'destination'),
    ]);
  });

  it.each([
    'hunter2',
    '"hunter2',
    '"hunter2" x',
    "'hunter2' : x",
    '{ env: A, file: hunter2 }',
    '{ env: 5, hunter: hunter2 }',
    '{ env: [hunter2] }',
    '[hunter2]',
    '*hunter2',
    '!hunter2 x',
    '@hunter2',
    '{ file: hunter2',
    '`hunter2',
    '|hunter2',
    '%hunter2',
    '"hunter2\\q"',
  ])('never stand in a message: %s', (password) => {
    const problems = problemsOf(withPassword(password));
    expect(problems).not.toEqual([]);
    expect(problems.join('\n')).not.toContain('hunter2');
  });

  it('never stand in a message where they are in the wrong place', () => {
    const texts = [
      yaml({ source: PARTS.source + '  connectionString: postgres://a:hunter2@host\n' }),
      yaml({ source: PARTS.source.replace('type: postgres', 'type: postgres://a:hunter2@host') }),
      yaml({ source: PARTS.source + '  port: a:hunter2@host\n' }),
      yaml({ destination: PARTS.destination + '  options: { connectTimeout: hunter2 }\n' }),
      yaml({ rest: 'passwd: hunter2\n' }),
    ];
    for (const text of texts) {
      expect(problemsOf(text)).toHaveLength(1);
      expect(problemsOf(text).join('\n')).not.toContain('hunter2');
    }
  });
});
