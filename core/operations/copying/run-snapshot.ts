import type { HeadRecord, FullExtractRecord } from '../../catalog/records.ts';
import { hasCode } from '../../errors/penstock-error.ts';
import type { SnapshotPlace } from '../../sources/source-connector.ts';
import { catalogOf } from '../contexts.ts';
import type { OperationContext } from '../operation-context.ts';

/** Pure: the snapshot of a run, where the log behind it is still to be read: changes between it and the head would be lost. */
export function placeToReopen(run: FullExtractRecord, { position }: HeadRecord): SnapshotPlace | null {
  const { snapshot } = run;
  if (snapshot === null || position === null || snapshot.position.lineage !== position.lineage) return null;
  return snapshot.position.order >= position.order ? snapshot : null;
}

/** Notes which snapshot a run reads, so that it is opened again after an interruption, where the source can. */
export async function noteSnapshot(context: OperationContext, run: string, place: SnapshotPlace): Promise<void> {
  if (context.source.reopenSnapshot === null) return;
  const { position, takenAt } = place;
  await amendRun(context, run, (record) =>
    record.snapshot?.position.order === position.order && record.snapshot.position.lineage === position.lineage
      ? null
      : { ...record, snapshot: { position, takenAt } },
  );
}

/** A snapshot that cannot be read any more (PS2012) is not opened again. */
export async function forgetWhereGone(context: OperationContext, run: string, error: unknown): Promise<void> {
  if (!hasCode(error, 'PS2012')) return;
  await amendRun(context, run, (record) => (record.snapshot === null ? null : { ...record, snapshot: null }));
}

/** `change`: null leaves it as it is; so does a run that is over. */
async function amendRun(
  context: OperationContext,
  run: string,
  change: (record: FullExtractRecord) => FullExtractRecord | null,
): Promise<void> {
  const catalog = catalogOf(context);
  for (;;) {
    const stored = await catalog.fullExtract();
    if (stored === null || stored.record.run !== run || stored.record.state !== 'running') return;
    const changed = change(stored.record);
    if (changed === null) return;
    try {
      await catalog.putFullExtract(changed, stored.version);
      return;
    } catch (error) {
      if (!hasCode(error, 'PS3005')) throw error;
    }
  }
}
