import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { synthesiseConsole, type SynthesisedConsole } from '../../test/fixtures/synthesised-console.ts';
import { MOST_BUNDLE_BYTES } from '../pipeline/bundle.ts';
import { bundleConsole } from './console-bundle.ts';

/** The bundle of the console's function, as it is deployed: started by Node alone, with the environment of the stack. */

const run = promisify(execFile);
let folder = '';
let console: SynthesisedConsole;
/** S3, as far as the function asks it at its start. */
let assets: Server;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-console-'));
  bundleConsole(folder);
  console = await synthesiseConsole('standard', { allowList: ['192.0.2.0/24'] });
  assets = createServer((_request, response) => response.end(JSON.stringify(console.document)));
  assets.listen(0, '127.0.0.1');
  await once(assets, 'listening');
});

afterAll(() => {
  assets.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

interface Asked {
  readonly path: string;
  readonly from?: string;
  readonly accepts?: string;
}

/** What the function answers, in a process that has nothing but the bundle. */
async function answersTo(asked: readonly Asked[]): Promise<Answer[]> {
  const events = asked.map(({ path, from = '192.0.2.7', accepts = 'gzip' }) => ({
    ...{ version: '2.0', routeKey: 'GET /{proxy+}', rawPath: path, rawQueryString: '', isBase64Encoded: false },
    headers: { host: 'api.example.com', 'accept-encoding': accepts },
    requestContext: {
      domainName: 'api.example.com',
      http: { method: 'GET', path, protocol: 'HTTP/1.1', sourceIp: from, userAgent: 'test' },
    },
  }));
  const script = `const { handler } = await import(${JSON.stringify(pathToFileURL(join(folder, 'index.mjs')).href)});
    const invokedFunctionArn = 'arn:aws:lambda:eu-central-1:123456789012:function:console';
    const context = { invokedFunctionArn, getRemainingTimeInMillis: () => 20000, awsRequestId: 'one' };
    const answers = [];
    for (const event of ${JSON.stringify(events)}) answers.push(await handler(event, context));
    process.stdout.write('\\n' + JSON.stringify(answers), () => process.exit());`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: folder,
    maxBuffer: 1 << 26,
    env: {
      ...console.environment,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${(assets.address() as AddressInfo).port}`,
    },
  });
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1)) as Answer[];
}

function textOf({ headers, body, isBase64Encoded }: Answer): string {
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (headers['content-encoding'] === 'br') return brotliDecompressSync(bytes).toString('utf8');
  return (headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8');
}

test('it is small, and holds the pages with each file compressed beside it', () => {
  expect(statSync(join(folder, 'index.mjs')).size).toBeLessThan(MOST_BUNDLE_BYTES);
  const files = readdirSync(join(folder, 'pages'), { recursive: true, encoding: 'utf8' });
  expect(files).toEqual(expect.arrayContaining(['index.html', 'index.html.br', 'index.html.gz']));
  expect(files.filter((name) => name.startsWith('.vite'))).toEqual([]);
  const scripts = files.filter((name) => name.endsWith('.js'));
  expect(scripts.length).toBeGreaterThan(10);
  const large = scripts.filter((name) => statSync(join(folder, 'pages', name)).size > 1000);
  for (const name of large) expect(files).toEqual(expect.arrayContaining([`${name}.br`, `${name}.gz`]));
});

test('it serves the pages, their files and how to sign in, compressed as the browser takes them', async () => {
  const page = readFileSync(join(folder, 'pages/index.html'), 'utf8');
  const [, script = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(page) ?? [];
  const [root, deep, file, signIn, missing] = await answersTo([
    { path: '/' },
    { path: '/instances/billing/tables', accepts: 'br, gzip' },
    { path: script, accepts: 'gzip, deflate, br' },
    { path: '/sign-in.json' },
    { path: '/assets/none.js' },
  ]);
  expect([root!.statusCode, textOf(root!)]).toEqual([200, page]);
  expect([deep!.statusCode, textOf(deep!)]).toEqual([200, page]);
  expect(deep!.headers['content-encoding']).toBe('br');
  expect(root!.headers['content-security-policy']).toContain('.auth.eu-central-1.amazoncognito.com;');
  expect(root!.headers['strict-transport-security']).toBe('max-age=63072000');
  expect(file!.headers['content-encoding']).toBe('br');
  expect(file!.headers['cache-control']).toContain('immutable');
  expect(textOf(file!)).toBe(readFileSync(join(folder, 'pages', script), 'utf8'));
  expect(JSON.parse(textOf(signIn!))).toEqual(JSON.parse(console.environment?.['PENSTOCK_SIGN_IN'] ?? ''));
  expect(missing!.statusCode).toBe(404);
});

test('without what the authoriser vouches for the API says 401, however its path is spelled; other addresses get nothing', async () => {
  const spelled = [
    '/api/v1/session',
    '/%61pi/v1/session',
    '/api/v1/instances/billing/dashboard',
    '/ingest/api/ingest/conn-src',
  ];
  const answers = await answersTo([...spelled.map((path) => ({ path })), { path: '/', from: '198.51.100.9' }]);
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 401, 401, 401, 403]);
  for (const answer of answers) {
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(JSON.parse(textOf(answer))).toHaveProperty('remedy');
  }
});
