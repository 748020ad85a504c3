import { expect, it } from 'vitest';
import type { PenstockEvent } from '../../../core/events/event.ts';
import { emitLogfile } from '../../../core/events/flow-events.ts';
import { lineOfEvent } from './log-kind.ts';

const NOW = '2026-11-21T09:00:00.123456Z';

it('has a line for a redo log file that was read, of the source', () => {
  const events: PenstockEvent[] = [];
  const host = { clock: { timestamp: () => NOW }, events: { emit: (event: PenstockEvent) => void events.push(event) } };
  const file = { fileSeq: 12, file: '/arch/1_12.arc', dictLoadMS: 12.5, parseMS: 3 };
  const dates = { CurrentDBDate: NOW, parseComplete: NOW, sourceDate: NOW };
  emitLogfile(host, 'shop', { ...file, ...dates });
  expect(events.map(lineOfEvent)).toEqual([
    {
      ...{ level: 'info', kind: 'source', message: 'logfile processed' },
      fields: { source: 'shop', sourceType: 'CDC', ...file, ...dates, CurrentServerDate: NOW },
    },
  ]);
});
