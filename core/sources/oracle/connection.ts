import { readFile } from 'node:fs/promises';
import type { ConnectionAttributes } from 'oracledb';
import { hasCode, PenstockError } from '../../errors/penstock-error.ts';
import type { SecretReference } from '../../host/host.ts';
import { withPassword } from '../../host/login.ts';
import type { Row } from '../session.ts';
import { connectionError, serverErrorNumber } from './errors.ts';
import type { Access } from './server/guarded.ts';
import type { Session, SessionOpener } from './server/session.ts';
import type { DatabaseAddress, OracleSettings } from './settings.ts';
import { statementSql } from './statements/statement-sql.ts';
import type { Statement } from './statements/statement.ts';
import { DriverConnection } from './wire/driver-connection.ts';
import { FetchSize } from './wire/fetch-size.ts';
import { walletOf } from './wire/wallet.ts';

/** How the passwords of the databases are found, asked for anew at each login. */
export interface Passwords {
  readonly password: () => Promise<string>;
  readonly secret: (reference: SecretReference) => Promise<string>;
}

/** Opens the sessions of a pipeline, in each of its databases. */
export function accessOf(settings: OracleSettings, { password, secret }: Passwords): Access {
  const { rootDatabase, miningDatabase, options } = settings;
  const open: SessionOpener = (signal) => openSession({ address: settings, options, password, isRoot: false }, signal);
  const beside = (
    address: DatabaseAddress & { readonly password: SecretReference },
    isRoot: boolean,
  ): SessionOpener => {
    const database = { address, options, password: () => secret(address.password), isRoot };
    return (signal) => openSession(database, signal);
  };
  const openRoot = rootDatabase === null ? open : beside(rootDatabase, true);
  const openMining = miningDatabase === null ? openRoot : beside(miningDatabase, false);
  return { settings, open, openRoot, openMining };
}

/** A database to log in to. */
interface Login {
  readonly address: DatabaseAddress;
  readonly options: OracleSettings['options'];
  readonly password: () => Promise<string>;
  /** Whether the session goes to the root of the container database. */
  readonly isRoot: boolean;
}

/** Opens a connection. @throws PenstockError PS2002, PS2003, PS2004, PS2005 */
async function openSession(login: Login, signal: AbortSignal): Promise<Session> {
  return withPassword(
    () => login.password(),
    (password) => connect(login, password, signal),
    (error) => hasCode(error, 'PS2003'),
  );
}

/** Where the server is, for messages. */
export function describeServer({ host, port, database, user }: DatabaseAddress): string {
  const which = database.startsWith(':') ? `SID ${database.slice(1)}` : `service ${database}`;
  return `Oracle at ${host}:${port}, ${which}, user ${user}`;
}

async function connect({ address, options, isRoot }: Login, password: string, signal: AbortSignal): Promise<Session> {
  const doing = `connect to ${describeServer(address)}`;
  const attributes = await attributesOf(address, options, password);
  try {
    const session = new OracleSession(await DriverConnection.connect(attributes, signal));
    await begun(session, isRoot ? address.user : null, signal);
    return session;
  } catch (error) {
    signal.throwIfAborted();
    throw connectionError(error, doing);
  }
}

const NO_RIGHT = 1031;

/** Sets what every session has, in the container in which it stays; a session that fails is ended. `rootUser`: who goes to the root; null: it stays where it is. */
export async function begun(session: Session, rootUser: string | null, signal: AbortSignal): Promise<void> {
  const abort = () => session.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    if (rootUser !== null) await session.run({ tag: 'setRoot' });
    await session.run({ tag: 'setFormats' });
    await session.run({ tag: 'setZone' });
  } catch (error) {
    session.destroy();
    if (rootUser === null || serverErrorNumber(error) !== NO_RIGHT) throw error;
    throw new PenstockError('PS2004', `user ${rootUser} may not go to the root of the container database`, {
      remedy: `In the root: GRANT SET CONTAINER TO ${rootUser} CONTAINER = ALL; it must be a common user (C##…).`,
      cause: error,
    });
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

class OracleSession implements Session {
  readonly #connection: DriverConnection;

  constructor(connection: DriverConnection) {
    this.#connection = connection;
  }

  get isBroken(): boolean {
    return this.#connection.isBroken;
  }

  read(statement: Statement): AsyncIterable<readonly Row[]> {
    return this.#connection.read(statementSql(statement), new FetchSize(statement));
  }

  run(statement: Statement): Promise<void> {
    return this.#connection.run(statementSql(statement));
  }

  destroy(): void {
    this.#connection.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#connection.close();
  }
}

/** Sooner than the gateways of AWS forget a connection on which nothing is said (350 seconds). */
const PROBE_MINUTES = 1;

/** What the driver is given; host and database hold no character that would end a part of the descriptor. */
export async function attributesOf(
  address: DatabaseAddress,
  options: OracleSettings['options'],
  password: string,
): Promise<ConnectionAttributes> {
  const { user, tls } = address;
  return {
    ...options,
    program: options.program ?? 'penstock',
    // Without it a connection that something between dropped is waited for without end: LogMiner may say nothing for long.
    expireTime: options.expireTime ?? PROBE_MINUTES,
    user,
    password,
    connectString: descriptorOf(address),
    ...(tls.mode === 'off' || tls.ca === null ? {} : { walletContent: walletOf(await readAuthorities(tls.ca)) }),
  };
}

function descriptorOf({ host, port, database, tls }: DatabaseAddress): string {
  const protocol = tls.mode === 'off' ? 'tcp' : 'tcps';
  const which = database.startsWith(':') ? `SID=${database.slice(1)}` : `SERVICE_NAME=${database}`;
  return `(DESCRIPTION=(ADDRESS=(PROTOCOL=${protocol})(HOST=${host})(PORT=${port}))(CONNECT_DATA=(${which})))`;
}

async function readAuthorities(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new PenstockError('PS1001', `source.tls.ca: ${path} cannot be read`, { cause });
  }
}
