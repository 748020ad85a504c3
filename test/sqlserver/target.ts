/** A server that the tests may make databases and logins on, as an administrator. */
export interface Target {
  readonly host: string;
  readonly port: number | null;
  readonly user: string;
  readonly password: string;
  /** Null: no encryption. `ca`: the file of the authority; null: those that the system trusts. */
  readonly tls: { readonly ca: string | null } | null;
  /** Of the driver, as a pipeline's `source.options` takes them. */
  readonly options: { readonly instanceName?: string; readonly trustServerCertificate?: boolean };
}

export const HOW_TO_SAY_IT =
  'MSSQL_URL=mssql://user:password@host:1433?trustServerCertificate=true (options: encrypt, trustServerCertificate, instanceName, ca)';

const OPTIONS = new Set(['encrypt', 'trustServerCertificate', 'instanceName', 'ca']);

/** @throws Error that says what is wrong with the URL, without its password */
export function targetOf(text: string): Target {
  if (!URL.canParse(text)) throw new Error('MSSQL_URL is no URL');
  const url = new URL(text);
  if (url.protocol !== 'mssql:') throw new Error(`MSSQL_URL begins with ${url.protocol}//, not with mssql://`);
  if (url.hostname === '' || url.username === '' || url.password === '') {
    throw new Error('MSSQL_URL needs a user, a password and a host');
  }
  if (url.pathname !== '' && url.pathname !== '/') {
    throw new Error('MSSQL_URL names a database: the tests make their own ones');
  }
  const unknown = [...url.searchParams.keys()].find((name) => !OPTIONS.has(name));
  if (unknown !== undefined) throw new Error(`MSSQL_URL has the unknown option ${unknown}`);
  const instanceName = url.searchParams.get('instanceName');
  if (instanceName !== null && url.port !== '')
    throw new Error('MSSQL_URL has a port and an instance, which has its own');
  const isEncrypted = flag(url, 'encrypt') ?? true;
  const trusts = flag(url, 'trustServerCertificate');
  return {
    host: url.hostname,
    port: url.port === '' ? null : Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    tls: isEncrypted ? { ca: url.searchParams.get('ca') } : null,
    options: {
      ...(instanceName === null ? {} : { instanceName }),
      ...(trusts === null ? {} : { trustServerCertificate: trusts }),
    },
  };
}

function flag(url: URL, name: string): boolean | null {
  const text = url.searchParams.get(name);
  if (text === null) return null;
  if (text === 'true' || text === 'false') return text === 'true';
  throw new Error(`MSSQL_URL: ${name} is true or false`);
}
