import { PenstockError } from '../../../errors/penstock-error.ts';
import type { Clock } from '../../../host/host.ts';
import type { Session } from '../connection.ts';
import { parseLsn } from '../place.ts';

/** Asks the log sender for a sign of life; resolves when one came that it sent after `since` (microseconds since 1970, its clock). */
export type Ask = (since: bigint) => Promise<void>;

/**
 * How far an idle server's log goes, where the sender itself cannot say it: it names the end of the last record that it decoded,
 * but the log may be flushed up to the middle of a record that nobody waits for (pages are flushed whole). Then no message would come
 * until something else is written.
 *
 * The proof (walsender.c, WalSndWaitForWal): a sender waits for log only after it looked at the flushed place and found no whole record.
 * Waiting is seen before (1) and after (2) a message that it sent in between, so that it looked after `flushed` was read (0);
 * another message (3) says that everything from before has arrived here.
 * @returns null where the sender is at work
 */
export async function provenEnd(session: Session, pid: number, ask: Ask): Promise<bigint | null> {
  const [row] = await session.rows('SELECT pg_current_wal_flush_lsn()'); // 0
  const flushed = parseLsn(row?.[0] ?? '0/0');
  const before = await waitingSince(session, pid); // 1
  if (before === null) return null;
  await ask(before);
  const after = await waitingSince(session, pid); // 2
  if (after === null) return null;
  await ask(after); // 3
  return flushed;
}

/** The server's time, if the sender waits for log at that time; else null. */
async function waitingSince(session: Session, pid: number): Promise<bigint | null> {
  const [row] = await session.rows(
    `SELECT wait_event, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint FROM pg_stat_activity WHERE pid = $1`,
    [pid],
  );
  const [event = null, time = null] = row ?? [];
  return event?.toLowerCase() === 'walsenderwaitforwal' && time !== null ? BigInt(time) : null;
}

const ANSWER_MILLISECONDS = 1000;

/** Waits for the answers of a log sender, which come with all else that it sends. */
export class Answers {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #send: () => void;
  #asked: { readonly since: bigint; readonly answer: () => void } | null = null;

  /** `send` asks the sender for a keepalive. */
  constructor(clock: Clock, signal: AbortSignal, send: () => void) {
    this.#clock = clock;
    this.#signal = signal;
    this.#send = send;
  }

  /** A keepalive was read that was sent at `time`. */
  hear(time: bigint): void {
    if (this.#asked === null || time <= this.#asked.since) return;
    this.#asked.answer();
    this.#asked = null;
  }

  /** @throws PenstockError PS2010 when none comes within a second */
  async ask(since: bigint): Promise<void> {
    const timer = new AbortController();
    const answered = new Promise<true>((resolve) => {
      this.#asked = {
        since,
        answer: () => {
          resolve(true);
        },
      };
    });
    this.#send();
    const tooLate = this.#clock
      .sleep(ANSWER_MILLISECONDS, AbortSignal.any([timer.signal, this.#signal]))
      .catch(() => undefined);
    const isAnswered = await Promise.race([answered, tooLate]);
    timer.abort();
    this.#asked = null;
    if (isAnswered !== true) throw new PenstockError('PS2010', 'the log sender did not answer');
  }
}
