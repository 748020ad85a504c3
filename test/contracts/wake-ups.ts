import { describe, expect, it } from 'vitest';
import type { WakeUps } from '../../core/host/host.ts';

export interface TestedWakeUps extends AsyncDisposable {
  readonly wakeUps: WakeUps;
  /** Resolves once a loader was woken since the last signal, however this host does it. */
  readonly woken: () => Promise<void>;
}

const never = new AbortController().signal;
/** Longer than any test runs. */
const FOR_EVER = 3_600_000;

/** What every host's wake-ups promise. They carry nothing: one too few or too many does no harm. */
export function wakeUpsContract(name: string, open: () => Promise<TestedWakeUps>): void {
  describe(`wake-ups: ${name}`, () => {
    it('wake a loader, also when signals come faster than they are followed', async () => {
      await using tested = await open();
      for (let signal = 0; signal < 100; signal++) tested.wakeUps.signal('pipeline');
      await tested.woken();
    });

    it('end a wait at its time', async () => {
      await using tested = await open();
      await tested.wakeUps.wait('pipeline', 5, never);
    });

    it('end a wait with the reason of its signal, also where that has aborted before', async () => {
      await using tested = await open();
      const before = AbortSignal.abort(new Error('before'));
      await expect(tested.wakeUps.wait('pipeline', FOR_EVER, before)).rejects.toThrow('before');
      const controller = new AbortController();
      const waiting = tested.wakeUps.wait('pipeline', FOR_EVER, controller.signal);
      controller.abort(new Error('meanwhile'));
      await expect(waiting).rejects.toThrow('meanwhile');
    });
  });
}
