import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactElement } from 'react';
import type { Problem } from '../api/problem.ts';
import { Remedy } from './remedy.tsx';

interface Properties {
  readonly problem: Problem;
  readonly retry?: () => void;
}

/** A request that failed: what and where, its code, and how to mend it. */
export function ProblemAlert({ problem, retry }: Properties): ReactElement {
  const { title, code, detail, remedy, problems } = problem;
  return (
    <Alert
      type="error"
      header={code === null ? title : `${title} (${code})`}
      action={retry === undefined ? null : <Button onClick={retry}>Try again</Button>}
    >
      <SpaceBetween size="xs">
        {detail === null || detail === title ? null : <div>{detail}</div>}
        {problems.length === 0 ? null : (
          <ul>
            {problems.map(({ path, message }) => (
              <li key={`${path} ${message}`}>
                {path === '' ? null : <Box variant="code">{path}</Box>} {message}
              </li>
            ))}
          </ul>
        )}
        {remedy === null ? null : <Remedy text={remedy} />}
      </SpaceBetween>
    </Alert>
  );
}
