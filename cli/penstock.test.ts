import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-cli-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The command as a process of its own, in a folder without a configuration. */
function penstock(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'penstock.ts'), ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '' },
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => (output.stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output.stderr += data.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, ...output });
    });
  });
}

function configuration(password: string, tables = ['public.a']): string {
  const file = join(folder, 'pipeline.yaml');
  const server = `{ host: 127.0.0.1, port: 1, database: shop, user: u, password: ${password}, type:`;
  writeFileSync(
    file,
    `pipeline: p\nsource: ${server} postgres }\ndestination: ${server} singlestore }\ntables: [${tables.map((name) => `{ name: ${name} }`).join(', ')}]\n`,
  );
  return file;
}

describe('bad usage ends with 2', () => {
  it.each([
    [[], 'error: a verb is missing'],
    [['chekc'], "error: unknown command 'chekc'\n(Did you mean check?)"],
    [['check', '--jsno'], "error: unknown option '--jsno'\n(Did you mean --json?)"],
    [['check', 'extra'], 'error: too many arguments'],
    [['verify', '--table'], "error: option '-t, --table <schema.table...>' argument missing"],
  ])('%j', async (args, message) => {
    const ended = await penstock(...args);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(message);
    expect(ended.stderr).toContain('remedy: ');
  });

  it('and tells it as JSON, too', async () => {
    const ended = await penstock('check', '--json', '--tabel', 'x');
    expect(ended.code).toBe(2);
    expect(JSON.parse(ended.stdout)).toMatchObject({ ok: false, verb: null, error: { code: 'usage' } });
  });
});

describe('a bad configuration ends with 2', () => {
  it('when there is none', async () => {
    const ended = await penstock('status');
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(`${join(folder, 'penstock.yaml')}: there is no such file`);
    expect(ended.stderr).toContain('examples/penstock.yaml');
  });

  it('with file, place, path and what was expected, and never the password', async () => {
    const file = configuration('hunter2');
    const ended = await penstock('check', '--config', file, '--json');
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(`error: PS1001 configuration is not valid: ${file}\n  2:`);
    expect(ended.stderr).toContain(
      'source.password: expected { env: NAME }, { file: path } or { secret: name }; plain text is refused',
    );
    expect(ended.stdout.split('\n')).toHaveLength(2);
    expect(JSON.parse(ended.stdout)).toMatchObject({ ok: false, verb: 'check', error: { code: 'PS1001' } });
    expect(ended.stdout + ended.stderr).not.toContain('hunter2');
  });

  it('when a table is named that is not chosen', async () => {
    const ended = await penstock('verify', '--config', configuration('{ env: ABSENT }'), '--table', 'public.aa');
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(
      '--table public.aa: not among the tables of the configuration; did you mean public.a?',
    );
  });

  it('when two tables would be one at the destination', async () => {
    const ended = await penstock('check', '--config', configuration('{ env: ABSENT }', ['a.orders', 'b.orders']));
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('PS1003 tables collide: a.orders and b.orders would both be shop.orders');
    expect(ended.stderr).toContain('addDatabasePrefix');
  });

  it('when a secret is missing', async () => {
    const ended = await penstock('tables', '--config', configuration('{ env: ABSENT }'));
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('PS1002');
    expect(ended.stderr).toContain('ABSENT');
  });
});

it('help goes to stdout and ends with 0', async () => {
  const ended = await penstock('--help');
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  for (const verb of [
    'check',
    'tables',
    'full-extract',
    'delta',
    'run',
    'status',
    'verify',
    'sync-structure',
    'rollback',
  ]) {
    expect(ended.stdout).toMatch(new RegExp(`^  ${verb} `, 'm'));
  }
});

it('the version is the one of the package', async () => {
  expect(await penstock('--version')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
  });
});
