import Box from '@cloudscape-design/components/box';
import type { ReactElement } from 'react';
import { isStatement } from './remedy-kind.ts';
import { Statement } from './statement.tsx';

/** How to mend what went wrong. */
export function Remedy({ text }: { text: string }): ReactElement {
  return isStatement(text) ? <Statement text={text} /> : <Box>{text}</Box>;
}
