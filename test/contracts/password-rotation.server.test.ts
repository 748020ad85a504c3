import { createConnection } from 'mysql2/promise';
import { describe, expect, inject, it } from 'vitest';
import { openSession as openMysql } from '../../core/sources/mysql/connection.ts';
import { mysqlSettings } from '../../core/sources/mysql/settings.ts';
import { openSession as openPostgres } from '../../core/sources/postgres/connection.ts';
import { postgresSettings } from '../../core/sources/postgres/settings.ts';
import { SessionPool } from '../../core/destinations/singlestore/session-pool.ts';
import { destinationSettings } from '../../core/destinations/singlestore/settings.ts';
import { connectPostgres } from '../fixtures/postgres-server.ts';

const never = new AbortController().signal;

/** A server with a user whose password changes. */
interface Rotating {
  readonly refused: string;
  /** Sets the user's password at the server. */
  readonly rotate: (password: string) => Promise<void>;
  /** Opens a new connection and asks the server something. */
  readonly login: (password: () => Promise<string>) => Promise<void>;
}

const SERVERS: Readonly<Record<string, () => Rotating>> = {
  'PostgreSQL as a source': () => {
    const server = inject('postgres');
    const settings = postgresSettings.parse({
      host: server.host,
      port: server.port,
      database: 'postgres',
      user: 'rotating',
    });
    return {
      refused: 'PS2003',
      rotate: async (password) => {
        const client = await connectPostgres(server, 'postgres');
        const { rowCount } = await client.query(`SELECT FROM pg_roles WHERE rolname = 'rotating'`);
        await client.query(`${rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE rotating LOGIN PASSWORD '${password}'`);
        await client.end();
      },
      login: async (password) => {
        await using session = await openPostgres({ settings, password }, never);
        expect(await session.rows('SELECT current_user')).toEqual([['rotating']]);
      },
    };
  },
  'MariaDB as a source': () => {
    const server = inject('mariadb');
    const settings = mysqlSettings.parse({
      host: server.host,
      port: server.port,
      database: 'test_rotation',
      user: 'rotating',
    });
    return {
      refused: 'PS2003',
      rotate: rotateMariaDb,
      login: async (password) => {
        await using session = await openMysql({ settings, password }, never);
        expect((await session.rows('SELECT CURRENT_USER()'))[0]?.[0]).toMatch(/^rotating@/);
      },
    };
  },
  'MariaDB as the destination': () => {
    const server = inject('mariadb');
    const { host, port } = server;
    const settings = destinationSettings.parse({
      ...{ type: 'singlestore', host, port, database: 'test_rotation', user: 'rotating', password: { env: 'X' } },
    });
    return {
      refused: 'PS4002',
      rotate: rotateMariaDb,
      login: async (password) => {
        await using pool = new SessionPool(settings, password, 1);
        const place = { doing: 'testing', table: null, columns: [] };
        await pool.use(never, ({ session }) => session.rows('SELECT 1', place, never));
      },
    };
  },
};

async function rotateMariaDb(password: string): Promise<void> {
  const connection = await createConnection({ ...inject('mariadb') });
  await connection.query('CREATE DATABASE IF NOT EXISTS test_rotation');
  await connection.query(`CREATE OR REPLACE USER rotating@'%' IDENTIFIED BY '${password}'`);
  await connection.query("GRANT ALL ON test_rotation.* TO rotating@'%'");
  await connection.end();
}

describe.each(Object.entries(SERVERS))('the password of %s', (_name, open) => {
  it('is read for every connection: the next one after a rotation succeeds without a restart', async () => {
    const { login, rotate } = open();
    let secret = 'first-password';
    const read = () => Promise.resolve(secret);
    await rotate(secret);
    await login(read);
    secret = 'second-password';
    await rotate(secret);
    await login(read);
  });

  it('is read again where it was rotated between reading and use', async () => {
    const { login, rotate } = open();
    await rotate('new-password');
    const answers = ['old-password', 'new-password'];
    await login(() => Promise.resolve(answers.shift() ?? 'asked too often'));
    expect(answers).toEqual([]);
  });

  it('that is wrong, and still the same when it is read again, is refused; the message does not hold it', async () => {
    const { login, refused, rotate } = open();
    await rotate('right-password');
    let reads = 0;
    const read = () => {
      reads++;
      return Promise.resolve('wrong-password');
    };
    const error: unknown = await login(read).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: refused, retry: 'manual' });
    expect(reads).toBe(2);
    expect(String(error)).not.toContain('wrong-password');
  });
});
