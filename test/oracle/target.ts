/** A server that the tests may make users and tables on, as an administrator. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** A service name, or `:SID`: of a container database that of a pluggable one. */
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Null: no encryption. `ca`: the file of the authority; null: those that the system trusts. */
  readonly tls: { readonly ca: string | null } | null;
  /** The service name of the root, where `database` is a pluggable one that does not mine by itself; null: there is none. */
  readonly root: string | null;
}

export const HOW_TO_SAY_IT =
  'ORACLE_URL=oracle://sys:password@host:1521/SERVICE (options: root=SERVICE of the container database, tls=true, ca=FILE)';

const DEFAULT_PORT = 1521;
const OPTIONS = new Set(['root', 'tls', 'ca']);

/** @throws Error that says what is wrong with the URL, without its password */
export function targetOf(text: string, name = 'ORACLE_URL'): Target {
  if (!URL.canParse(text)) throw new Error(`${name} is no URL`);
  const url = new URL(text);
  if (url.protocol !== 'oracle:') throw new Error(`${name} begins with ${url.protocol}//, not with oracle://`);
  if (url.hostname === '' || url.username === '' || url.password === '') {
    throw new Error(`${name} needs a user, a password and a host`);
  }
  const database = decodeURIComponent(url.pathname.slice(1));
  if (database === '' || database.includes('/'))
    throw new Error(`${name} needs a service name behind the host, or :SID`);
  const unknown = [...url.searchParams.keys()].find((option) => !OPTIONS.has(option));
  if (unknown !== undefined) throw new Error(`${name} has the unknown option ${unknown}`);
  const tls = url.searchParams.get('tls') ?? 'false';
  if (tls !== 'true' && tls !== 'false') throw new Error(`${name}: tls is true or false`);
  return {
    host: url.hostname,
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    database,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    tls: tls === 'true' ? { ca: url.searchParams.get('ca') } : null,
    root: url.searchParams.get('root'),
  };
}
