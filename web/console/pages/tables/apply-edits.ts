import { useState } from 'react';
import type { TableCheck } from '../../../api/schemas/tables.ts';
import { call } from '../../api/client.ts';
import { useAction, type Action } from '../../api/use-action.ts';
import { useNotify } from '../../frame/notifications.tsx';
import { counted } from '../../words/numbers.ts';
import { changesOf, type Edits } from './edits.ts';

interface ApplyEdits extends Action<[version: string]> {
  /** What the last look at the changes found; null: nothing worth telling. */
  readonly check: TableCheck | null;
}

/** Looks what the changes would meet at both databases, and saves them only when nothing is in their way. */
export function useApplyEdits(instance: string, edits: Edits, onApplied: () => void): ApplyEdits {
  const notify = useNotify();
  const [check, setCheck] = useState<TableCheck | null>(null);
  const action = useAction(async (signal, version: string) => {
    setCheck(null);
    const parameters = { name: instance };
    const changes = changesOf(edits);
    const found = await call('POST /instances/{name}/tables/check', { parameters, body: { changes }, signal });
    const worthTelling = found.findings.filter((finding) => finding.severity !== 'ok');
    if (worthTelling.length > 0) setCheck({ ...found, findings: worthTelling });
    if (!found.success) return;
    const applied = await call('PATCH /instances/{name}/tables', { parameters, body: { changes, version }, signal });
    notify({
      type: 'success',
      header: `${counted(applied.changed, 'table')} changed, ${counted(applied.selected, 'table')} chosen`,
      content: 'New tables are copied by the next full extract or Sync New Tables.',
    });
    onApplied();
  });
  return { ...action, check };
}
