import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import { isSystemError } from '../../hosts/local/system-error.ts';
import type { ConsoleHost } from '../api/console-host.ts';
import { createApi } from '../api/create-api.ts';
import type { Identify } from '../api/security/identity.ts';
import { servePages } from './pages.ts';

/** Nobody but this machine is served. */
const ADDRESS = '127.0.0.1';
export const DEFAULT_PORT = 8081;
/** Ports that are tried one after the other where the wished one is taken. */
const PORTS = 20;

export interface ServeOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly onFailure: (error: unknown) => void;
  readonly checkAnswers?: boolean;
  /** Who asks; default: who is on this machine and may connect to it is its operator. */
  readonly identify?: Identify;
  /** The built pages; default: those of this installation. */
  readonly pages?: string;
}

export interface ServedConsole extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
}

/** Serves the console to this machine alone. @throws PenstockError PS1001 where no port is free */
export async function serveConsole(console: ConsoleHost, options: ServeOptions): Promise<ServedConsole> {
  const hosts = new Set<string>();
  const user = userName();
  const api = createApi(console, {
    identify: options.identify ?? (() => ({ user, role: 'operator' })),
    hosts: () => hosts,
    onFailure: options.onFailure,
    ...(options.checkAnswers === undefined ? {} : { checkAnswers: options.checkAnswers }),
  });
  api.get('*', servePages(options.pages ?? join(import.meta.dirname, '../console/dist')));
  const listener = getRequestListener(api.fetch);
  const server = createServer((request, response) => {
    listener(request, response).catch(options.onFailure);
  });
  const port = await listen(server, options.port);
  for (const name of ['localhost', ADDRESS, '[::1]']) hosts.add(`${name}:${port}`);
  return {
    port,
    url: `http://localhost:${port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      // Streams of live events end with the server.
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}

async function listen(server: Server, wished: number): Promise<number> {
  for (let port = wished; port <= 65_535; port++) {
    try {
      server.listen(port, ADDRESS);
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    } catch (error) {
      if (!isSystemError(error, 'EADDRINUSE') || port >= wished + PORTS - 1) throw noPort(wished, error);
    }
  }
  throw noPort(wished, null);
}

function noPort(wished: number, cause: unknown): PenstockError {
  return new PenstockError('PS1001', `no port from ${wished} on is free on ${ADDRESS}`, {
    remedy: 'Name another one with --port.',
    cause,
  });
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'local';
  }
}
