import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { ReactElement } from 'react';
import { Loading } from '../../frame/page-outlet.tsx';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { CopyProgress } from '../dashboard/copy-progress.tsx';
import { useOperation } from './operation-calls.ts';
import { OperationOutcome } from './operation-outcome.tsx';
import { isAtWork, operationTitle, STATES } from './operation-words.ts';

/** One operation: its progress by table while it works, then what it came to. */
export function OperationDetails({ instance, id }: { instance: string; id: string }): ReactElement {
  const { data, problem, refresh } = useOperation(instance, id);
  if (data === null) {
    return problem === null ? <Loading /> : <ProblemAlert problem={problem} retry={refresh} />;
  }
  const { state, message, progress } = data;
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">{operationTitle(data)}</Header>}>
        <div aria-live="polite">
          {isAtWork(data) ? (
            <StatusIndicator type="in-progress">
              {STATES[state].text}: {message}
            </StatusIndicator>
          ) : (
            <OperationOutcome operation={data} />
          )}
        </div>
      </Container>
      {progress.length === 0 || data.state === 'succeeded' ? null : <CopyProgress rows={progress} total={null} />}
    </SpaceBetween>
  );
}
