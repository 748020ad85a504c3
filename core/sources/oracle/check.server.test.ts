import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { FakeAdmin } from '../../../test/fixtures/oracle-fake/admin-session.ts';
import { FakeOracle, ROOT } from '../../../test/fixtures/oracle-fake/fake-oracle.ts';
import { selectionOf } from '../../../test/fixtures/oracle-scripted/catalog.ts';
import type { Finding } from '../source-connector.ts';
import { checkCopies, checkLogs } from './check.ts';
import { readLogHealth } from './log-health.ts';
import { prepareLogs } from './prepare.ts';
import type { Access } from './server/guarded.ts';
import { ORACLE_VARIANTS, type OracleVariant } from './server/variants.ts';
import { oracleSettings } from './settings.ts';

// On the fake of Oracle. Faults that are alike for every kind of source are made, found and mended by the contract (oracle/faults.ts there).

const NEVER = new AbortController().signal;
const TABLE = selectionOf('THING', { table: { schema: 'APP', name: 'THING' } });

function settingsOf(type: OracleVariant['type'], more: Readonly<Record<string, unknown>>) {
  const variant = ORACLE_VARIANTS.find((one) => one.type === type);
  if (variant === undefined) throw new Error(type);
  return oracleSettings(variant).parse({ host: '127.0.0.1', database: 'shop', user: 'X', ...more });
}

function faults(findings: readonly Finding[]): string[] {
  return findings.filter(({ severity }) => severity !== 'ok').map(({ code, severity }) => `${severity} ${code}`);
}

function statementsOf(finding: Finding | undefined): string[] {
  return (finding?.remedy ?? '').split(/(?<=;) /);
}

describe('a database of its own', () => {
  let oracle: FakeOracle;
  let admin: FakeAdmin;
  beforeAll(async () => {
    oracle = await FakeOracle.open(inject('postgres'), 'oracle_check');
    admin = oracle.admin();
    await admin.run(
      'CREATE TABLE thing (id INTEGER NOT NULL, at DATE, PRIMARY KEY (id))',
      'CREATE TABLE sound (id INTEGER NOT NULL, n INTEGER, PRIMARY KEY (id))',
      'ALTER SYSTEM SWITCH LOGFILE',
    );
  });
  afterAll(() => oracle[Symbol.asyncDispose]());

  function access(more: Readonly<Record<string, unknown>> = {}): Access {
    const open = oracle.opener();
    return { settings: settingsOf('oracle', more), open, openRoot: open, openMining: open };
  }
  const check = (more: Readonly<Record<string, unknown>> = {}) => checkLogs(access(more), [TABLE], NEVER);

  it('that is as it should be has nothing to mend but how long logs are kept', async () => {
    const findings = await check();
    expect(faults(findings)).toEqual(['warning oracle.retention']);
    expect(findings.filter(({ severity }) => severity === 'ok').map(({ code }) => code)).toEqual([
      'oracle.connection',
      'oracle.archivelog',
      'oracle.supplemental_logging',
      'oracle.server_time_zone',
      'oracle.rights',
      'oracle.table',
    ]);
  });

  it('whose clock does not show UTC should say in which zone it runs', async () => {
    oracle.log.setZone(120);
    oracle.facts.schedulerZone = '+02:00';
    expect((await check()).find(({ code }) => code === 'oracle.server_time_zone')).toMatchObject({
      severity: 'warning',
      remedy: expect.stringContaining('its region (+02:00?)') as string,
    });
    expect(faults(await check({ serverTimeZone: '+02:00' }))).toEqual(['warning oracle.retention']);
    oracle.log.setZone(0);
  });

  it('whose logs another database mines must be let write its dictionary', async () => {
    const miningDatabase = { host: 'other', database: 'mining', user: 'X', password: { env: 'MINING' } };
    const more = { extractType: 'remoteLogMiner', miningDatabase };
    expect(faults(await check(more))).toEqual(['warning oracle.retention']);
    await admin.run('REVOKE EXECUTE ON DBMS_LOGMNR_D FROM "ORACLE_CHECK"');
    expect(faults(await check())).toEqual(['warning oracle.retention']);
    const found = (await check(more)).filter(({ severity }) => severity === 'error');
    expect(found).toMatchObject([{ code: 'oracle.rights' }]);
    await admin.run(found[0]?.remedy ?? '');
    expect(faults(await check(more))).toEqual(['warning oracle.retention']);
  });

  it('whose logs an older database is to mine is refused', async () => {
    const miningDatabase = { host: 'other', database: 'mining', user: 'X', password: { env: 'MINING' } };
    const settings = settingsOf('oracle', { extractType: 'remoteLogMiner', miningDatabase });
    await using old = await FakeOracle.open(inject('postgres'), 'oracle_check_miner', { release: '18.4.0.0.0' });
    const findings = await checkLogs({ ...access(), settings, openMining: old.opener() }, [TABLE], NEVER);
    const [fault, ...more] = findings.filter(({ severity }) => severity === 'error');
    expect(fault).toMatchObject({ code: 'oracle.mining_database', message: expect.stringContaining('18.4') as string });
    expect(more).toEqual([]);
  });

  it('without the right on V$DATABASE says so, and nothing else', async () => {
    await admin.run('REVOKE SELECT ON V_$DATABASE FROM "ORACLE_CHECK"');
    const findings = await check();
    await admin.run('GRANT SELECT ON SYS.V_$DATABASE TO "ORACLE_CHECK"');
    expect(findings).toMatchObject([
      { code: 'oracle.connection', message: expect.stringContaining('V$DATABASE') as string },
    ]);
  });

  it('whose table need not be logged: direct loads are warned of, large values refused, unless the database forces it', async () => {
    const letters = selectionOf('LETTERS', { table: { schema: 'APP', name: 'LETTERS' } });
    await admin.run(
      'CREATE TABLE letters (id INTEGER NOT NULL, t CLOB, u CLOB, PRIMARY KEY (id))',
      'ALTER TABLE letters NOLOGGING',
      'ALTER TABLE letters MODIFY LOB (t) (NOCACHE NOLOGGING)',
      'ALTER TABLE sound NOLOGGING',
    );
    const found = async (chosen = letters) => {
      const findings = await checkLogs(access(), [chosen], NEVER);
      return findings.filter(({ code }) => code === 'oracle.nologging' || code === 'oracle.unlogged_column');
    };
    expect(await found()).toEqual([]);
    await admin.run('ALTER DATABASE NO FORCE LOGGING');
    const faulty = await found();
    expect(faults(faulty)).toEqual(['error oracle.unlogged_column', 'warning oracle.nologging']);
    expect(faulty[0]?.message).toBe('APP.LETTERS: large values of T are stored with NOLOGGING, and are in no log');
    expect(faults(await found({ ...letters, mask: ['T'] }))).toEqual(['warning oracle.nologging']);
    const clock = { now: () => 0, timestamp: () => '', sleep: () => Promise.resolve() };
    await expect(prepareLogs(access(), clock, [letters], null, NEVER)).rejects.toMatchObject({
      code: 'PS2011',
      remedy: expect.stringContaining('MODIFY LOB ("T") (NOCACHE LOGGING)') as string,
    });
    await admin.run(...faulty.flatMap((fault) => statementsOf(fault).filter((one) => one.startsWith('ALTER'))));
    expect(await found()).toEqual([]);
    expect(await prepareLogs(access(), clock, [letters], null, NEVER)).toBeDefined();
    await admin.run('ALTER TABLE sound LOGGING', 'ALTER DATABASE FORCE LOGGING');
  });

  it('that is a standby, or no server at all', async () => {
    oracle.facts.role = 'PHYSICAL STANDBY';
    expect(faults(await check())).toContain('error oracle.role');
    oracle.facts.role = 'PRIMARY';
    const open = oracle.opener({ port: 1 });
    const findings = await checkLogs({ ...access(), open }, [TABLE], NEVER);
    expect(faults(findings)).toHaveLength(1);
  });

  it('on Amazon RDS is mended by its procedures', async () => {
    oracle.facts.isRds = true;
    oracle.facts.rdsSettings['archivelog retention hours'] = '0';
    oracle.facts.minimalLogging = 'NO';
    const findings = await check();
    expect(faults(findings)).toEqual(['error oracle.supplemental_logging', 'warning oracle.retention']);
    await admin.run(...findings.flatMap(({ remedy }) => (remedy === null ? [] : [remedy])));
    expect(faults(await check())).toEqual([]);
    oracle.facts.isRds = false;
  });

  it('on Amazon RDS has rights granted by a procedure, and is looked at where its settings may not be', async () => {
    oracle.facts.isRds = true;
    const lost = ['SELECT ON V_$LOG', 'EXECUTE ON DBMS_LOGMNR', 'SELECT ON DBA_EXTENTS'];
    await admin.run(...lost.map((right) => `REVOKE ${right} FROM "ORACLE_CHECK"`));
    const rights = (await check()).filter(({ code }) => code === 'oracle.rights');
    expect(rights.map(({ remedy }) => remedy)).toEqual([
      "BEGIN rdsadmin.rdsadmin_util.grant_sys_object('DBA_EXTENTS', 'ORACLE_CHECK', 'SELECT'); END;",
      "BEGIN rdsadmin.rdsadmin_util.grant_sys_object('V_$LOG', 'ORACLE_CHECK', 'SELECT'); END;",
      "BEGIN rdsadmin.rdsadmin_util.grant_sys_object('DBMS_LOGMNR', 'ORACLE_CHECK', 'EXECUTE'); END;",
    ]);
    await admin.run(...rights.map(({ remedy }) => remedy ?? ''));
    oracle.facts.hidesRdsSettings = true;
    expect((await check()).filter(({ severity }) => severity !== 'ok')).toMatchObject([
      {
        code: 'oracle.retention',
        message: expect.stringMatching(/reach back 0 hours \(\d+ MB in the last 24 hours\)/) as string,
        remedy: expect.stringContaining('rdsadmin_util.set_configuration') as string,
      },
    ]);
    Object.assign(oracle.facts, { isRds: false, hidesRdsSettings: false });
  });

  it('of a release before 19c has no source type of 19c', async () => {
    const settings = settingsOf('oracle19c', {});
    expect(faults(await checkLogs({ ...access(), settings }, [TABLE], NEVER))).not.toContain('error oracle.release');
    const old = await FakeOracle.open(inject('postgres'), 'oracle_check_old', { release: '12.2.0.1.0' });
    const open = old.opener();
    const findings = await checkLogs({ settings, open, openRoot: open, openMining: open }, [], NEVER);
    expect(faults(findings)).toContain('error oracle.release');
    await old[Symbol.asyncDispose]();
  });

  it('that is only polled needs no logs, but an index', async () => {
    const settings = settingsOf('oracle', { extractType: 'timestamps' });
    const polled = { ...TABLE, timestampColumn: 'AT' };
    const findings = await checkCopies({ ...access(), settings }, [polled], NEVER);
    expect(faults(findings)).toEqual(['warning oracle.deletes', 'warning oracle.timestamp_index']);
    const zoned = async (zoneMinutes: number, timestampZone: string) => {
      oracle.log.setZone(zoneMinutes);
      const chosen = settingsOf('oracle', { extractType: 'timestamps', timestampZone });
      const told = await checkCopies({ ...access(), settings: chosen }, [polled], NEVER);
      oracle.log.setZone(0);
      return told.filter(({ code }) => code === 'oracle.timestamp_zone').map(({ message }) => message);
    };
    expect(await zoned(-300, '+00:00')).toEqual([
      "APP.THING: AT has no zone, and timestampZone is +00:00, but the server's clock is not: rows that are dated by it and committed late are never seen, because lagSeconds is over 300 minutes too early",
    ]);
    expect(await zoned(120, '+01:00')).toEqual([expect.stringContaining('seen 60 minutes late')]);
    expect(await zoned(-210, '-03:30')).toEqual([]);
    const wrong = await checkCopies({ ...access(), settings }, [{ ...TABLE, timestampColumn: 'NO' }], NEVER);
    expect(faults(wrong)).toContain('error oracle.table');
  });

  it('tells when what was read will be gone, by what is kept now', async () => {
    await using root = await oracle.opener()(NEVER);
    const readAt = '2026-11-21T09:00:00.000000Z';
    const health = await readLogHealth(root, { archiveDestination: null }, readAt);
    expect(health.expiresAt).not.toBeNull();
    expect((health.expiresAt ?? '') >= readAt).toBe(true);
    expect((await readLogHealth(root, { archiveDestination: null }, null)).expiresAt).toBeNull();
  });
});

describe('a pluggable database', () => {
  let oracle: FakeOracle;
  beforeAll(async () => {
    oracle = await FakeOracle.open(inject('postgres'), 'oracle_check_cdb', { pluggable: ['SHOP'] });
    await oracle
      .admin()
      .run('CREATE TABLE thing (id INTEGER NOT NULL, PRIMARY KEY (id))', 'ALTER SYSTEM SWITCH LOGFILE');
  });
  afterAll(() => oracle[Symbol.asyncDispose]());

  let type: OracleVariant['type'];
  beforeEach(() => {
    type = 'oraclePluggable';
  });
  const check = (container: string | null, isRoot: boolean) => {
    const rootDatabase = { database: 'cdb', user: oracle.reader.user, password: { env: 'ROOT' } };
    const settings = settingsOf(type, type === 'oraclePluggable' ? { rootDatabase } : {});
    const open = oracle.opener(container === null ? {} : { container });
    const openRoot = isRoot ? oracle.opener({ container: ROOT }) : open;
    return checkLogs({ settings, open, openRoot, openMining: openRoot }, [TABLE], NEVER);
  };

  it('has its logs in the root', async () => {
    const findings = await check(null, true);
    expect(faults(findings)).toEqual(['warning oracle.retention']);
    expect(findings.map(({ code }) => code)).toContain('oracle.root_database');
  });

  it('is seen in the root by a user who is let, and copied by nobody else', async () => {
    const admin = oracle.admin({ container: ROOT });
    await admin.run(`ALTER USER "${oracle.reader.user}" SET CONTAINER_DATA = DEFAULT CONTAINER = CURRENT`);
    const [fault, ...more] = (await check(null, true)).filter(({ severity }) => severity === 'error');
    expect(fault).toMatchObject({ code: 'oracle.container_data' });
    expect(more).toEqual([]);
    await admin.run(...statementsOf(fault));
    expect(faults(await check(null, true))).toEqual(['warning oracle.retention']);
    await admin.run(`REVOKE SELECT ON V_$CONTAINERS FROM "${oracle.reader.user}"`);
    const [right] = (await check(null, true)).filter(({ severity }) => severity === 'error');
    expect(right).toMatchObject({ code: 'oracle.rights' });
    await admin.run(...statementsOf(right));
    expect(faults(await check(null, true))).toEqual(['warning oracle.retention']);
  });

  it('tells its incarnation to the user', async () => {
    const admin = oracle.admin();
    await admin.run(`REVOKE SELECT ON V_$PDB_INCARNATION FROM "${oracle.reader.user}"`);
    const [fault] = (await check(null, true)).filter(({ severity }) => severity === 'error');
    expect(fault).toMatchObject({ code: 'oracle.rights', message: expect.stringContaining('INCARNATION') as string });
    await admin.run(...statementsOf(fault));
    expect(faults(await check(null, true))).toEqual(['warning oracle.retention']);
  });

  it('is not the root itself', async () => {
    expect(faults(await check(ROOT, true))).toContain('error oracle.container');
  });

  it('needs a source type that knows its root', async () => {
    type = 'oracle';
    expect(faults(await check(null, false))).toContain('error oracle.container');
    type = 'oracle19c';
    expect(faults(await check(null, false))).not.toContain('error oracle.container');
  });
});
