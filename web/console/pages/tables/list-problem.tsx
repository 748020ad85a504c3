import Alert from '@cloudscape-design/components/alert';
import type { ReactElement } from 'react';
import type { Failure } from '../../../api/schemas/values.ts';
import { Remedy } from '../../problem/remedy.tsx';

/** The source could not be asked: only what is known without it is shown. */
export function ListProblem({ failure }: { failure: Failure | null }): ReactElement | null {
  if (failure === null) return null;
  return (
    <Alert type="warning" header={`The source could not be asked (${failure.code})`}>
      <div>{failure.message}</div>
      <Remedy text={failure.remedy} />
    </Alert>
  );
}
