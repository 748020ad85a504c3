import Box from '@cloudscape-design/components/box';
import type { ReactNode } from 'react';

/** A description as the settings have it: words between backticks are names and values. */
export function described(text: string): ReactNode {
  if (!text.includes('`')) return text;
  return text.split('`').map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      // The parts of one text never change places.
      <Box key={`${index} ${part}`} variant="code">
        {part}
      </Box>
    ),
  );
}
