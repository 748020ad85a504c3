import Box from '@cloudscape-design/components/box';
import type { ReactElement } from 'react';
import { remedyParts } from './remedy-parts.ts';
import { Statement } from './statement.tsx';

/** How to mend what went wrong. */
export function Remedy({ text }: { text: string }): ReactElement {
  const { statement, advice } = remedyParts(text);
  return (
    <>
      {statement === null ? null : <Statement text={statement} />}
      {advice === null ? null : <Box>{advice}</Box>}
    </>
  );
}
