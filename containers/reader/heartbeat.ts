import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The file that main touches and the health check looks at; beside it nothing is written outside of the temporary folder. */
export const HEARTBEAT_FILE = join(tmpdir(), 'penstock-heartbeat');
/** How often it is touched, in milliseconds. */
export const BEAT_MILLISECONDS = 5000;

/** Touches the file while the event loop turns, until it is disposed of. */
export function heartbeat(file = HEARTBEAT_FILE): Disposable {
  const beat = (): void => {
    try {
      writeFileSync(file, '');
    } catch {
      // The health check will say so.
    }
  };
  beat();
  const timer = setInterval(beat, BEAT_MILLISECONDS);
  timer.unref();
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
    },
  };
}
