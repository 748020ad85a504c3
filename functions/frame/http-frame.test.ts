import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import { lambdaContext } from '../../test/fixtures/deployed-pipeline.ts';
import { httpFunction, type OpenedApp } from './http-frame.ts';

vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');

const event = (method: string, address: string, more: object = {}) => {
  const [rawPath, rawQueryString = ''] = address.split('?');
  const http = { method, sourceIp: '192.0.2.1' };
  return { rawPath, rawQueryString, requestContext: { domainName: 'console.example.com', http }, ...more };
};

function answering(fetch: OpenedApp['app']['fetch'], opened: { times: number } = { times: 0 }) {
  const open = (): Promise<OpenedApp> => {
    opened.times++;
    return Promise.resolve({ app: { fetch }, [Symbol.dispose]: () => undefined });
  };
  const handler = httpFunction({ name: 'test', open });
  return (asked: unknown, milliseconds = 28_000) => handler(asked, lambdaContext('test', milliseconds));
}

describe('a function that answers requests', () => {
  it('gets the request as it was sent, and what the API vouches for', async () => {
    const seen: unknown[] = [];
    const ask = answering(async (request, { requestContext }) => {
      seen.push([request.method, request.url, request.headers.get('x-a'), await request.text(), requestContext]);
      return new Response('{}', { status: 201, headers: { 'content-type': 'application/json' } });
    });
    const headers = { 'x-a': 'b', 'content-type': 'application/json' };
    const sent = event('POST', '/a%20b/c?x=1&x=2', { headers, body: Buffer.from('{"ü":1}').toString('base64') });
    const answer = await ask({ ...sent, isBase64Encoded: true });
    expect(answer).toMatchObject({ statusCode: 201, body: '{}', isBase64Encoded: false });
    const url = 'https://console.example.com/a%20b/c?x=1&x=2';
    expect(seen).toEqual([['POST', url, 'b', '{"ü":1}', sent.requestContext]]);
  });

  it('sends what is no plain text as base64', async () => {
    const bytes = Buffer.from([0, 255, 128]);
    const ask = answering(() => new Response(bytes, { headers: { 'content-type': 'image/png' } }));
    expect(await ask(event('GET', '/'))).toMatchObject({ body: bytes.toString('base64'), isBase64Encoded: true });
    const packed = { 'content-type': 'text/plain', 'content-encoding': 'br' };
    const compressed = answering(() => new Response(bytes, { headers: packed }));
    expect(await compressed(event('GET', '/'))).toMatchObject({ isBase64Encoded: true });
  });

  it('says in words that an answer is too large to be sent', async () => {
    const ask = answering(() => new Response('x'.repeat(6_000_000), { headers: { 'content-type': 'text/csv' } }));
    const { statusCode, body } = await ask(event('GET', '/'));
    expect([statusCode, JSON.parse(body)]).toMatchObject([
      413,
      { status: 413, remedy: expect.stringContaining('less') as unknown },
    ]);
  });

  it('says in words that its time is up', async () => {
    const ask = answering(async ({ signal }) => {
      // It may have aborted already, on a machine that is busy.
      if (!signal.aborted) await once(signal, 'abort');
      throw signal.reason;
    });
    const { statusCode, body } = await ask(event('GET', '/'), 1050);
    expect([statusCode, JSON.parse(body)]).toMatchObject([503, { code: 'PS1011' }]);
  });

  it('tells what is wrong with its deployment, nothing of what is wrong inside, and opens anew', async () => {
    const opened = { times: 0 };
    const failures = [new PenstockError('PS3003', 'document s3://a/b'), new Error('hunter2')];
    const ask = answering(() => {
      throw failures.shift() ?? new Error('none left');
    }, opened);
    const first = await ask(event('GET', '/'));
    expect([first.statusCode, JSON.parse(first.body)]).toMatchObject([503, { code: 'PS3003' }]);
    const second = await ask(event('GET', '/'));
    expect(second.statusCode).toBe(503);
    expect(second.body).not.toContain('hunter2');
    expect(opened.times).toBe(2);
    expect(await ask({})).toMatchObject({ statusCode: 503 });
  });
});
