import { describe, expect, test } from 'vitest';
import { connectionOptions } from './session-pool.ts';
import { destinationSettings } from './settings.ts';

const LEAST = { type: 'singlestore', host: '127.0.0.1', database: 'shop', user: 'root', password: { env: 'P' } };

describe('the destination section', () => {
  test('has defaults for everything else', () => {
    expect(destinationSettings.parse(LEAST)).toEqual({
      type: 'singlestore',
      host: '127.0.0.1',
      port: 3306,
      database: 'shop',
      user: 'root',
      password: { tag: 'env', name: 'P' },
      tls: { mode: 'off' },
      options: {},
      maxUpdates: null,
      loadThreads: 4,
      addDatabasePrefix: false,
      truncateInsteadOfDrop: false,
      schemaForAllTables: null,
      ignoreDatabaseNameInSchema: false,
      schemaForStagingTables: null,
      retainStagingTables: false,
    });
  });

  test('verifies the server unless it is on this machine or said otherwise', () => {
    const tls = (section: object): unknown => destinationSettings.parse({ ...LEAST, ...section }).tls;
    expect(tls({ host: 'db.example.com' })).toEqual({ mode: 'verify', ca: null });
    expect(tls({ host: '127.example.com' })).toEqual({ mode: 'verify', ca: null });
    expect(tls({ host: 'db.example.com', tls: { mode: 'off' } })).toEqual({ mode: 'off' });
    expect(tls({ tls: { mode: 'verify' } })).toEqual({ mode: 'verify', ca: null });
    expect(tls({ tls: { mode: 'verify', ca: 'ca.pem' } })).toEqual({ mode: 'verify', ca: 'ca.pem' });
    const options = connectionOptions(destinationSettings.parse({ ...LEAST, host: 'h' }), 'p');
    expect(options.ssl).toMatchObject({ rejectUnauthorized: true, verifyIdentity: true });
  });

  test('refuses what it does not know, and secrets in plain text', () => {
    for (const wrong of [
      { password: 'secret' },
      { prot: 3306 },
      { options: { multipleStatements: true } },
      { options: { connectTimeout: '10' } },
      { port: 0 },
      { tls: { mode: 'maybe' } },
      { schemaForAllTables: '' },
    ]) {
      const result = destinationSettings.safeParse({ ...LEAST, ...wrong });
      expect(result.success, JSON.stringify(wrong)).toBe(false);
      expect(result.error?.message ?? '').not.toContain('secret');
    }
  });

  test('options reach the driver, but cannot undo what Penstock needs', () => {
    const settings = { ...destinationSettings.parse({ ...LEAST, options: { connectTimeout: 5000 } }) };
    expect(connectionOptions(settings, 'p')).toMatchObject({ connectTimeout: 5000, user: 'root', charset: 'utf8mb4' });
  });
});
