import { describe, expect, it } from 'vitest';
import { schemaNode } from '../../pipeline/known-names.ts';
import { ORACLE_VARIANTS, type OracleVariant } from './server/variants.ts';
import { oracleSettings } from './settings.ts';

const SERVER = { host: 'db.example', database: 'ORCL', user: 'INGEST' };
const ROOT = { database: 'CDB', user: 'C##INGEST', password: { env: 'ROOT_PASSWORD' } };

function variant(type: OracleVariant['type']): OracleVariant {
  const found = ORACLE_VARIANTS.find((one) => one.type === type);
  if (found === undefined) throw new Error(type);
  return found;
}

function parsed(type: OracleVariant['type'], more: Readonly<Record<string, unknown>> = {}) {
  return oracleSettings(variant(type)).parse({ ...SERVER, ...more });
}

function problems(type: OracleVariant['type'], more: Readonly<Record<string, unknown>> = {}): string[] {
  const { error } = oracleSettings(variant(type)).safeParse({ ...SERVER, ...more });
  return (error?.issues ?? []).map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `unknown ${issue.keys.join(', ')}`
      : `${issue.path.join('.')}: ${issue.message}`,
  );
}

it('fills in what is not said', () => {
  expect(parsed('oracle')).toMatchObject({
    type: 'oracle',
    extractType: 'logMiner',
    port: 1521,
    tls: { mode: 'verify', ca: null },
    rawAsHex: false,
    logFileCatchupCount: 4,
    logCatchupMinutes: null,
    logCatchupOffsetMinutes: 0,
    logFileLookAhead: 1,
    pollSeconds: 1,
    rootDatabase: null,
    miningDatabase: null,
  });
  expect(parsed('oracle', { host: '127.0.0.1' }).tls).toEqual({ mode: 'off' });
  expect(parsed('oracle', { extractType: 'timestamps' }).pollSeconds).toBe(10);
});

it('takes a service name, and an SID behind a colon, but nothing that would end the descriptor', () => {
  expect(parsed('oracle', { database: ':ORCL' }).database).toBe(':ORCL');
  expect(problems('oracle', { database: 'X))(ADDRESS=(HOST=evil' })).toEqual([
    'database: a service name, or a colon and an SID',
  ]);
  expect(problems('oracle', { host: 'db)(PORT=1' })).toEqual(['host: a name or an address']);
});

it('refuses options that the driver does not have', () => {
  expect(problems('oracle', { options: { walletPassword: 'x' } })).toEqual(['unknown walletPassword']);
});

describe('the six types', () => {
  it('offer what the vendor offers', () => {
    expect(problems('oracleRac', { extractType: 'fastLogMiner' })).toHaveLength(1);
    expect(problems('oracle19c', { extractType: 'logMiner' })).toHaveLength(1);
    expect(parsed('oracle19c').extractType).toBe('continuousLogMiner');
    expect(parsed('oracleRacPluggable', { rootDatabase: ROOT }).extractType).toBe('logMiner');
  });

  it('know no fields that none of their extract types has', () => {
    expect(problems('oracle19c', { logFileCatchupCount: 2 })).toEqual(['unknown logFileCatchupCount']);
    expect(problems('oracle', { rootDatabase: ROOT })).toEqual(['unknown rootDatabase']);
    expect(problems('oracleRac', { lagSeconds: 2 })).toEqual(['unknown lagSeconds']);
  });

  it('refuse fields by name that do not go with the extract type', () => {
    expect(problems('oracle', { extractType: 'continuousLogMiner', logFileLookAhead: 2 })).toEqual([
      'logFileLookAhead: extract type continuousLogMiner has no logFileLookAhead',
    ]);
    expect(problems('oracle', { extractType: 'fullExtracts', pollSeconds: 2, redoQuotes: 'strict' })).toHaveLength(2);
    expect(problems('oracle', { lagSeconds: 2 })).toHaveLength(1);
  });

  it('want the root of a container database, on the same server where no other is named', () => {
    expect(problems('oraclePluggable')).toEqual(['rootDatabase: Invalid input: expected object, received undefined']);
    expect(parsed('oraclePluggable', { port: 1522, rootDatabase: ROOT }).rootDatabase).toMatchObject({
      host: 'db.example',
      port: 1522,
      database: 'CDB',
      user: 'C##INGEST',
      password: { tag: 'env', name: 'ROOT_PASSWORD' },
      tls: { mode: 'verify' },
    });
    const elsewhere = parsed('oraclePluggable', { port: 1522, rootDatabase: { ...ROOT, host: 'localhost' } });
    expect(elsewhere.rootDatabase).toMatchObject({ host: 'localhost', port: 1521, tls: { mode: 'off' } });
  });

  it('want a mining database for remoteLogMiner, and for nothing else', () => {
    expect(problems('oracle', { extractType: 'remoteLogMiner' })).toEqual([
      'miningDatabase: the database that reads the logs, with database, user and password',
    ]);
    expect(problems('oracle', { miningDatabase: ROOT })).toHaveLength(1);
    const logPaths = [{ from: '/arch/', to: '/mnt/arch/' }];
    const settings = parsed('oracle', { extractType: 'remoteLogMiner', miningDatabase: { ...ROOT, logPaths } });
    expect(settings.miningDatabase).toMatchObject({ host: 'db.example', logPaths });
  });
});

it('say of each field with which extract types it goes, where it does not go with all that the kind has', () => {
  const said = (type: OracleVariant['type'], field: string) => {
    const { properties } = schemaNode(oracleSettings(variant(type)));
    return properties?.[field]?.description?.split(':')[0];
  };
  expect(said('oracle', 'logFileLookAhead')).toBe('Extract types logMiner, fastLogMiner and remoteLogMiner');
  expect(said('oracle', 'lagSeconds')).toBe('Extract type timestamps');
  expect(said('oracle', 'miningDatabase')).toBe('Extract type remoteLogMiner');
  expect(said('oracleRac', 'logFileLookAhead')).toBe('Extract type logMiner');
  expect(said('oracleRacPluggable', 'logFileLookAhead')).toBe('Log file look-ahead');
  expect(schemaNode(oracleSettings(variant('oracle19cPluggable'))).required).toContain('rootDatabase');
});
