import type { SourceEvent } from '../../../changes/change.ts';
import { PenstockError } from '../../../errors/penstock-error.ts';
import type { Clock } from '../../../host/host.ts';
import { serverErrorNumber, sourceError } from '../errors.ts';
import type { Access } from '../server/guarded.ts';
import type { Session } from '../server/session.ts';
import { captureWindow, type CaptureState } from './window.ts';

const DOING = 'read captured changes';
/** An object is not there: a capture instance was dropped while it was read. The next stream begins without it. */
const NO_OBJECT = 208;

/** Windows for ever, on one session; one after the other while there is more to read. Ends with an error, or with the signal's reason. */
export async function* capturedEvents(
  session: Session,
  state: CaptureState,
  { access, clock }: { readonly access: Access; readonly clock: Clock },
  signal: AbortSignal,
): AsyncGenerator<readonly SourceEvent[]> {
  try {
    for (;;) {
      const window = captureWindow(session, state);
      let next = await window.next();
      while (next.done !== true) {
        yield next.value;
        signal.throwIfAborted();
        next = await window.next();
      }
      if (next.value) continue;
      await clock.sleep(access.settings.pollSeconds * 1000, signal);
      if (session.isBroken) throw new PenstockError('PS2010', 'the connection was lost');
    }
  } catch (error) {
    signal.throwIfAborted();
    if (serverErrorNumber(error) === NO_OBJECT) {
      throw new PenstockError('PS2010', 'a capture instance was dropped while it was read', { cause: error });
    }
    throw sourceError(error, DOING);
  }
}
