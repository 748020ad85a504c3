import { expect, it } from 'vitest';
import { ScriptedSession } from '../../../../test/fixtures/oracle-scripted/session.ts';
import { readHandOff } from './hand-off.ts';

function root(...open: readonly (readonly string[])[]): ScriptedSession {
  const scns = ['100', '110'];
  return new ScriptedSession({
    currentScn: () => [[scns.shift() ?? '']],
    openTransactions: () => open.map((row) => [...row]),
  });
}

it('begins behind what was open when the second SCN was asked', async () => {
  expect(await readHandOff(root(['1', '5', '3', '77', '90', '0']))).toEqual({
    openFloorScn: '100',
    startScn: '110',
    open: [{ segment: 5, slot: 3, sequence: 77, startScn: '90', container: 0 }],
  });
});

it('waits for a transaction of which the server does not tell where it began', async () => {
  await expect(readHandOff(root(['1', '5', '3', '77', '0', '0']))).rejects.toMatchObject({
    code: 'PS2010',
    message: expect.stringContaining('transaction 5.3.77') as string,
    remedy: expect.stringContaining('XIDUSN = 5 and XIDSLOT = 3') as string,
  });
});
