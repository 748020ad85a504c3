import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactElement } from 'react';
import type { OperationKind } from '../../../api/schemas/operations.ts';
import { KINDS, WORDS } from './operation-words.ts';

interface Properties {
  readonly isReadOnly: boolean;
  readonly onOpen: (kind: OperationKind) => void;
}

/** What can be done; each button opens what it will do before it does it. */
export function OperationCards({ isReadOnly, onOpen }: Properties): ReactElement {
  return (
    <Container header={<Header variant="h2">What can be done</Header>}>
      <ColumnLayout columns={2} variant="text-grid">
        {KINDS.map((kind) => (
          <SpaceBetween key={kind} size="xs">
            <Button disabled={isReadOnly} onClick={() => onOpen(kind)}>
              {WORDS[kind].title}
            </Button>
            <Box color="text-body-secondary">{WORDS[kind].description}</Box>
          </SpaceBetween>
        ))}
      </ColumnLayout>
    </Container>
  );
}
