import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactElement } from 'react';

interface Step {
  readonly label: string;
  readonly can: boolean;
  readonly isRunning: boolean;
  readonly onClick: () => void;
}

interface Properties {
  readonly onClose: () => void;
  readonly look: Step;
  readonly work: Step;
}

/** First look, then work: the button of the next step is the one that stands out. */
export function DryRunFooter({ onClose, look, work }: Properties): ReactElement {
  return (
    <Box float="right">
      <SpaceBetween direction="horizontal" size="xs">
        <Button onClick={onClose}>Cancel</Button>
        {[look, work].map((step) => (
          <Button
            key={step.label}
            variant={(step === work) === work.can ? 'primary' : 'normal'}
            disabled={!step.can}
            loading={step.isRunning}
            onClick={step.onClick}
          >
            {step.label}
          </Button>
        ))}
      </SpaceBetween>
    </Box>
  );
}
