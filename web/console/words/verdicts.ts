import type { Verification } from '../../api/schemas/tables.ts';

/** What a verification came to, as people read it. */
export const VERDICTS = {
  equal: { type: 'success', text: 'Equal' },
  unsettled: { type: 'warning', text: 'Unsettled' },
  different: { type: 'error', text: 'Different' },
} as const satisfies Readonly<Record<Verification['verdict'], { readonly type: string; readonly text: string }>>;
