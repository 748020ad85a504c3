import { parseRecord, readerStatusRecord, type ReaderStatusRecord } from '../../catalog/records.ts';
import { millisecondsFromTimestamp } from '../../changes/timestamp.ts';
import type { ExtractedSince } from '../../events/event.ts';
import { hasCode } from '../../errors/penstock-error.ts';
import type { Host } from '../../host/host.ts';
import type { LogHealth } from '../../sources/source-connector.ts';
import { catalogOf } from '../contexts.ts';
import type { OperationContext } from '../operation-context.ts';

/** What a process has and uses of its machine; null where it is not known or there is no limit. */
export interface ResourceUse {
  readonly diskFreeBytes: number | null;
  readonly memoryUsedBytes: number | null;
  readonly memoryLimitBytes: number | null;
}

/** What a reader knows of itself. */
export interface ReaderStanding {
  readonly state: ReaderStatusRecord['state'];
  readonly reason: string;
  readonly remedy: string;
  /** As it was last seen; null: not seen, or not asked. */
  readonly log: LogHealth | null;
  /** It waits because somebody wants it to: what is not loaded then is no lag. */
  readonly isSwitchedOff?: true;
}

/** Another reader's status that is younger than this stays, in milliseconds: who only stands by says nothing over one at work. */
const YOUNG_MILLISECONDS = 120_000;

/** The last status of a pipeline's reader; null: none was ever written. */
export async function readReaderStatus(
  host: Pick<Host, 'items'>,
  pipeline: string,
): Promise<ReaderStatusRecord | null> {
  const item = await host.items.get(statusKey(pipeline));
  return item === null ? null : parseRecord(readerStatusRecord, item);
}

/** Says how the reader stands and what it did since the last time, as an event and, unless another one is at work, in the catalog. @throws PenstockError PS3004 */
export async function reportReaderStatus(
  context: OperationContext,
  { log, isSwitchedOff, ...standing }: ReaderStanding,
  use: ResourceUse,
  extracted: ExtractedSince,
): Promise<void> {
  const { host, settings } = context;
  const { pipeline } = settings;
  const at = host.clock.timestamp();
  const status = {
    owner: host.owner,
    ...standing,
    ...(await progress(context)),
    ...(isSwitchedOff === true ? { lagMilliseconds: 0 } : {}),
    ...use,
    retainedBytes: log?.retainedBytes ?? null,
    headroomBytes: log?.headroomBytes ?? null,
    expiresAt: log?.expiresAt ?? null,
  };
  host.events.emit({ type: 'Status', role: 'reader', pipeline, generated: at, ...status, ...extracted });
  await writeUnlessAnotherIsAtWork(host, pipeline, { ...status, at });
}

async function progress(
  context: OperationContext,
): Promise<Pick<ReaderStatusRecord, 'lastExtract' | 'loaded' | 'sourceDate' | 'lagMilliseconds'>> {
  const catalog = catalogOf(context);
  const [{ lastExtract }, loaded] = await Promise.all([catalog.head(), catalog.loaded()]);
  const [last] = lastExtract === 0 ? [] : await catalog.extractsAfter(lastExtract - 1, 1);
  const [waiting] = loaded >= lastExtract ? [] : await catalog.extractsAfter(loaded, 1);
  const age = waiting === undefined ? 0 : context.host.clock.now() - millisecondsFromTimestamp(waiting.sourceDate);
  return { lastExtract, loaded, sourceDate: last?.sourceDate ?? null, lagMilliseconds: Math.max(0, age) };
}

async function writeUnlessAnotherIsAtWork(host: Host, pipeline: string, record: ReaderStatusRecord): Promise<void> {
  const item = await host.items.get(statusKey(pipeline));
  const found = item === null ? null : readerStatusRecord.safeParse(item.value).data;
  if (record.state !== 'following' && found?.state === 'following' && found.owner !== host.owner) {
    const age = host.clock.now() - millisecondsFromTimestamp(found.at);
    if (age < YOUNG_MILLISECONDS) return;
  }
  try {
    await host.items.put(statusKey(pipeline), record, item?.version ?? null);
  } catch (error) {
    // Another reader was first; both know the same.
    if (!hasCode(error, 'PS3005')) throw error;
  }
}

function statusKey(pipeline: string): { partition: string; sort: string } {
  return { partition: pipeline, sort: 'status#reader' };
}
