import { expect, it } from 'vitest';
import { ModelLog } from '../../../../test/fixtures/oracle-logs/model-log.ts';
import { ModelSession, type ModelServer } from '../../../../test/fixtures/oracle-logs/model-session.ts';
import { Random } from '../../../../test/fixtures/random.ts';
import { ensureDictionary, type DictionaryContext } from './ensure-dictionary.ts';

const NEVER = new AbortController().signal;

function setUp(): { readonly server: ModelServer; readonly context: DictionaryContext; readonly sleeps: number[] } {
  const random = new Random(3);
  const log = new ModelLog(random, 1);
  for (let step = 0; step < 30; step++) log.step();
  const server: ModelServer = { log, random, bustle: 0, failures: [], ran: [], open: new Set<ModelSession>() };
  const sleeps: number[] = [];
  const clock = {
    now: () => 0,
    timestamp: () => '',
    sleep: (milliseconds: number) => {
      sleeps.push(milliseconds);
      if (sleeps.length === 3) log.archive(Infinity);
      return Promise.resolve();
    },
  };
  const opens = () => Promise.resolve(true);
  return { server, context: { clock, archiveDestination: null, pollMilliseconds: 500, opens }, sleeps };
}

const built = ({ ran }: ModelServer) => ran.filter(({ tag }) => tag === 'buildDictionary').length;

it('has a dictionary written where there is none, and waits until its logs are archived', async () => {
  const { server, context, sleeps } = setUp();
  server.isArchiverSlow = true;
  const from = await ensureDictionary(new ModelSession(server), context, NEVER);
  expect([built(server), sleeps]).toEqual([1, [500, 500, 500]]);
  const end = server.log.files.find(({ dictionary }) => dictionary === 'end');
  expect(from).toBe(end?.nextScn);
});

it('takes the one that is there, as long as all logs behind it are', async () => {
  const { server, context } = setUp();
  server.log.buildDictionary();
  for (let step = 0; step < 60; step++) server.log.step();
  server.log.archive(Infinity);
  await ensureDictionary(new ModelSession(server), context, NEVER);
  expect(built(server)).toBe(0);
  const lost = server.log.files.filter(({ isOnline }) => !isOnline).at(-1);
  if (lost !== undefined) lost.isArchived = false;
  await ensureDictionary(new ModelSession(server), context, NEVER);
  expect(built(server)).toBe(1);
});

it('has another one written where a file is listed that cannot be opened', async () => {
  const { server, context } = setUp();
  server.log.buildDictionary();
  for (let step = 0; step < 60; step++) server.log.step();
  server.log.archive(Infinity);
  const first = await ensureDictionary(new ModelSession(server), context, NEVER);
  const second = await ensureDictionary(
    new ModelSession(server),
    { ...context, opens: () => Promise.resolve(false) },
    NEVER,
  );
  expect(built(server)).toBe(1);
  expect(second > first).toBe(true);
});

it('says which right is missing, and that the archiver does not come', async () => {
  const { server, context } = setUp();
  server.failures.push({ tag: 'buildDictionary', number: 6550 });
  await expect(ensureDictionary(new ModelSession(server), context, NEVER)).rejects.toMatchObject({
    code: 'PS2004',
    remedy: 'GRANT EXECUTE ON SYS.DBMS_LOGMNR_D TO "READER";',
  });
  const other = setUp();
  other.server.isArchiverSlow = true;
  const stuck = { ...other.context, clock: { ...other.context.clock, sleep: () => Promise.resolve() } };
  await expect(ensureDictionary(new ModelSession(other.server), stuck, NEVER)).rejects.toMatchObject({
    code: 'PS2010',
  });
});
