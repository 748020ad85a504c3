import type { Hono } from 'hono';
import { AwsConsole } from './aws-console.ts';
import { consoleApp } from './console-app.ts';
import { consoleClients } from './console-clients.ts';
import { consoleEnvironment, readConsoleDocument } from './console-environment.ts';
import { accountOf } from './deployed-names.ts';

export interface OpenConsoleOptions {
  /** The process's. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The ARN by which the function is called. */
  readonly functionArn: string;
  readonly version: string;
  /** The folder of the built pages. */
  readonly pages: string;
  readonly onFailure: (error: unknown) => void;
  readonly checkAnswers?: boolean;
}

export interface OpenedConsole extends Disposable {
  readonly app: Hono;
}

/** The console as it is deployed. @throws PenstockError PS1001, PS3003 */
export async function openConsole({ functionArn, version, ...options }: OpenConsoleOptions): Promise<OpenedConsole> {
  const environment = consoleEnvironment(options.environment);
  const clients = consoleClients(options.environment);
  try {
    const document = await readConsoleDocument(clients.s3, environment.document);
    const account = accountOf(functionArn);
    const console = new AwsConsole({ environment, document, clients, account, version });
    const app = consoleApp(console, { ...options, environment, document });
    return {
      app,
      [Symbol.dispose]() {
        clients[Symbol.dispose]();
      },
    };
  } catch (error) {
    clients[Symbol.dispose]();
    throw error;
  }
}
