import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { ReactElement } from 'react';
import type { Verification } from '../../../api/schemas/tables.ts';
import { VERDICTS } from '../../words/verdicts.ts';

/** In a word what the last verification of a table proved; nothing where it was never verified. */
export function VerifiedText({ verification }: { verification: Verification | null }): ReactElement | null {
  if (verification === null) return null;
  if (verification.stale !== null) return <StatusIndicator type="stopped">Verified earlier</StatusIndicator>;
  const { type, text } = VERDICTS[verification.verdict];
  return <StatusIndicator type={type}>{verification.verdict === 'equal' ? 'Verified' : text}</StatusIndicator>;
}
