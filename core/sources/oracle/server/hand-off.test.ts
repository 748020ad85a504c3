import { expect, it } from 'vitest';
import { ScriptedSession } from '../../../../test/fixtures/oracle-scripted/session.ts';
import { readHandOff } from './hand-off.ts';

function root(...open: readonly (readonly string[])[]): ScriptedSession {
  return new ScriptedSession({
    currentScn: () => [['100']],
    clock: () => [['110', '2026-11-22T09:00:00.000000', '+01:00']],
    openTransactions: () => open.map((row) => [...row]),
  });
}

it('begins behind what was open when the second SCN was asked', async () => {
  expect(await readHandOff(root(['1', '5', '3', '77', '90', '0']))).toEqual({
    openFloorScn: '100',
    startScn: '110',
    open: [{ segment: 5, slot: 3, sequence: 77, startScn: '90', container: 0 }],
    sight: { place: '00000000000000000110', at: '2026-11-22T09:00:00.000000Z', offset: 3_600_000_000n },
  });
});

it('waits for a transaction of which the server does not tell where it began', async () => {
  await expect(readHandOff(root(['1', '5', '3', '77', '0', '0']))).rejects.toMatchObject({
    code: 'PS2010',
    message: expect.stringContaining('transaction 5.3.77') as string,
    remedy: expect.stringContaining('XIDUSN = 5 and XIDSLOT = 3') as string,
  });
});
