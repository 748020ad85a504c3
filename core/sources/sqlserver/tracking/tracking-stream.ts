import type { SourceEvent } from '../../../changes/change.ts';
import { PenstockError } from '../../../errors/penstock-error.ts';
import type { Clock } from '../../../host/host.ts';
import { sourceError } from '../errors.ts';
import type { Access } from '../server/guarded.ts';
import type { Session } from '../server/session.ts';
import { trackingRound, type TrackingState } from './round.ts';

const DOING = 'read tracked changes';

/** Rounds for ever, on one session. Ends with an error, or with the signal's reason. */
export async function* trackingEvents(
  session: Session,
  state: TrackingState,
  { access, clock }: { readonly access: Access; readonly clock: Clock },
  signal: AbortSignal,
): AsyncGenerator<readonly SourceEvent[]> {
  try {
    for (;;) {
      for await (const events of trackingRound(session, state)) {
        yield events;
        signal.throwIfAborted();
      }
      await clock.sleep(access.settings.pollSeconds * 1000, signal);
      if (session.isBroken) throw new PenstockError('PS2010', 'the connection was lost');
    }
  } catch (error) {
    signal.throwIfAborted();
    throw sourceError(error, DOING);
  }
}
