import { describe, expect, it } from 'vitest';
import type { EventSink, PenstockEvent } from '../../core/events/event.ts';

export interface TestedEvents extends AsyncDisposable {
  readonly events: EventSink;
  /** Lines that were written, in order, when all of them are. */
  readonly lines: () => Promise<readonly string[]>;
  /** From now on nothing can be written any more: the disk is full, the pipe is closed. */
  readonly break: () => void;
}

const generated = '2026-11-21T09:00:00.000000Z';

export const HALT: Extract<PenstockEvent, { type: 'HaltError' }> = {
  ...{ type: 'HaltError', generated, source: 'shop', sourceType: 'CDC', errorId: 'PS2006' },
  message: 'PS2006 the log that is needed next is gone: line 1\nline 2 "quoted" — ü What to do: Run a full extract.',
};

/** What every host's events promise. */
export function eventSinkContract(name: string, open: () => Promise<TestedEvents>): void {
  describe(`events: ${name}`, () => {
    it('are one JSON object a line, in order, with all their fields', async () => {
      await using tested = await open();
      const loaded: PenstockEvent = {
        ...{
          type: 'LoadCompleted',
          generated,
          source: 'shop',
          sourceType: 'CDC',
          jobType: 'LOAD',
          jobSubType: 'DELTA',
        },
        ...{ success: 'Y', message: '', runId: '7', sourceDate: generated, dbDate: generated, fromSeq: 7, toSeq: 7 },
        ...{ extractId: '7', tableErrors: 0, tableTotals: 1 },
      };
      const emitted = [HALT, loaded, HALT];
      for (const event of emitted) tested.events.emit(event);
      const lines = await tested.lines();
      expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(emitted);
    });

    it('never throw, also where they cannot be written', async () => {
      await using tested = await open();
      tested.break();
      for (let time = 0; time < 200; time++) tested.events.emit({ ...HALT, message: `${time}` });
    });
  });
}
