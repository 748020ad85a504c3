import type { SourcePosition } from '../changes/position.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import type { Clock } from '../host/host.ts';
import { NO_SNAPSHOT_KEPT, NOTHING_KEPT } from './nothing-kept.ts';
import { timePosition, type PollMarks } from './poll-position.ts';
import { PollStream, type PollSource } from './poll-stream.ts';
import type { ReadTable } from './reading.ts';
import { SilentStream } from './silent-stream.ts';
import type { SourceConnector, TableSelection } from './source-connector.ts';
import type { TableReads } from './table-reads.ts';

/** A source that is only copied and polled; for what `check` and `openSnapshot` mean see {@link SourceConnector}. */
export interface CopiedSource<Session, Table extends ReadTable> extends Pick<
  SourceConnector,
  'check' | 'openSnapshot'
> {
  readonly reads: TableReads;
  /** Null: extract type Full Extracts. */
  readonly polls: PolledSource<Session, Table> | null;
  /** Opens a session for one piece of work; an abort of the signal ends the session and with it the work. */
  withSession<T>(signal: AbortSignal, doing: string, work: (session: Session) => Promise<T>): Promise<T>;
  /** @throws PenstockError PS1001, PS1005, PS1006 */
  describe(session: Session, tables: readonly TableSelection[]): Promise<readonly Table[]>;
  /** Which source it is. */
  lineage(session: Session): Promise<string>;
  /** Microseconds since 1970 by the source's own clock. */
  microseconds(session: Session): Promise<bigint>;
  /** @throws PenstockError PS2001 */
  requireLineage(position: SourcePosition, lineage: string): void;
}

export interface PolledSource<Session, Table extends ReadTable> extends PollSource {
  /** @throws PenstockError PS1001, PS2005, PS2011 for a table that cannot be polled by its column */
  judge(session: Session, tables: readonly Table[]): Promise<void> | void;
  /** The marks of the tables as they are now, for the first poll. */
  marks(session: Session, tables: readonly Table[]): Promise<PollMarks>;
}

/** Extract types Full Extracts and Timestamps: nothing is kept at the source, no right but SELECT is needed. */
export function pollConnector<Session, Table extends ReadTable>(
  source: CopiedSource<Session, Table>,
  clock: Clock,
): SourceConnector {
  const { polls } = source;
  const moment = (signal: AbortSignal) =>
    source.withSession(signal, 'ask the time', async (session) => ({
      lineage: await source.lineage(session),
      microseconds: await source.microseconds(session),
    }));
  const described = async (session: Session, tables: readonly TableSelection[]) => {
    const found = await source.describe(session, tables);
    await polls?.judge(session, found);
    return found;
  };
  return {
    mode: polls === null ? 'full' : 'timestamps',
    ...NOTHING_KEPT,
    ...NO_SNAPSHOT_KEPT,
    ...source.reads,
    check: (tables, signal) => source.check(tables, signal),
    openSnapshot: (request, signal) => source.openSnapshot(request, signal),
    describeTables: (tables, signal) =>
      source.withSession(signal, 'describe tables', async (session) =>
        (await described(session, tables)).map(({ schema }) => schema),
      ),
    prepare: async (tables, known, signal) => {
      // The time is asked first: a row that comes meanwhile is above a mark, or in a copy that begins later.
      const { lineage, microseconds } = await moment(signal);
      if (known !== null) source.requireLineage(known, lineage);
      const marks = await source.withSession(signal, 'prepare', async (session) => {
        const found = await described(session, tables);
        return known === null ? await polls?.marks(session, found) : {};
      });
      return known ?? timePosition(lineage, microseconds, marks ?? {});
    },
    openStream: async (after, tables, signal) => {
      const { lineage } = await moment(signal);
      source.requireLineage(after, lineage);
      return polls === null ? new SilentStream(signal) : new PollStream(polls, clock, after, tables, signal);
    },
    checkReach: () => {
      const what = 'the source is read without its log, and what its rows were before cannot be read again';
      return Promise.reject(new PenstockError('PS2006', what));
    },
    currentPosition: async (signal) => {
      const { lineage, microseconds } = await moment(signal);
      return timePosition(lineage, microseconds);
    },
    // The source keeps no log for this.
    logHealth: () => Promise.resolve({ retainedBytes: null, headroomBytes: null, expiresAt: null }),
  };
}
