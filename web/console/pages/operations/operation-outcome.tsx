import Alert from '@cloudscape-design/components/alert';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactElement } from 'react';
import type { Operation } from '../../../api/schemas/operations.ts';
import { Remedy } from '../../problem/remedy.tsx';
import { OperationResultView } from './operation-result.tsx';
import { STATES } from './operation-words.ts';

const TYPES = { succeeded: 'success', failed: 'error', stopped: 'info', interrupted: 'warning' } as const;

/** It did what it was asked for, and what it found has to be looked at. */
function isWarning({ state, result }: Operation): boolean {
  return state === 'succeeded' && result?.kind === 'verify' && !result.equal;
}

/** How an operation ended: in words, with what mends it, table by table. */
export function OperationOutcome({ operation }: { operation: Operation }): ReactElement | null {
  const { state, error, message, result } = operation;
  if (state === 'running' || state === 'stopping') return null;
  return (
    <SpaceBetween size="s">
      <Alert
        type={isWarning(operation) ? 'warning' : TYPES[state]}
        header={error === null ? STATES[state].text : `${STATES[state].text} (${error.code})`}
      >
        <div>{message}</div>
        {error === null || error.message === message ? null : <div>{error.message}</div>}
        {error === null ? null : <Remedy text={error.remedy} />}
      </Alert>
      {result === null ? null : <OperationResultView result={result} />}
    </SpaceBetween>
  );
}
