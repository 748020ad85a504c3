import type { OperationContext } from '../../core/operations/operation-context.ts';
import { dropQuarantine, listQuarantine, quarantineMark, retryQuarantine } from '../../core/operations/quarantine.ts';
import type { PipelineSettings } from '../../core/pipeline/settings.ts';
import type { QuarantineDesk } from '../api/console-host.ts';

type Working = <Result>(
  settings: PipelineSettings,
  signal: AbortSignal,
  work: (context: OperationContext) => Promise<Result>,
) => Promise<Result>;

/** The quarantine of a destination that this machine reaches. @param working does work with connections of its own */
export function quarantineHere(working: Working): QuarantineDesk {
  return {
    list: (settings, { tables, before, limit }, signal) =>
      working(settings, signal, (context) =>
        listQuarantine(context, { tables, before: before === null ? null : quarantineMark(before), limit }),
      ),
    retry: (settings, tables, signal) => working(settings, signal, (context) => retryQuarantine(context, tables)),
    drop: (settings, tables, signal) => working(settings, signal, (context) => dropQuarantine(context, tables)),
  };
}
