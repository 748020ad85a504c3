import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState, type ReactElement } from 'react';
import type { Operation, OperationKind } from '../../../api/schemas/operations.ts';
import { useMayOperate } from '../../api/session.ts';
import { useNotify } from '../../frame/notifications.tsx';
import type { PageProperties } from '../../frame/pages.ts';
import { OperationCards } from './operation-cards.tsx';
import { OperationDetails } from './operation-details.tsx';
import { OperationList } from './operation-list.tsx';
import { operationTitle } from './operation-words.ts';
import { RestoreOnStartup } from './restore-on-startup.tsx';
import { RollbackDialog } from './rollback-dialog.tsx';
import { StartDialog, type DialogProperties } from './start-dialog.tsx';
import { SyncStructureDialog } from './sync-structure-dialog.tsx';

/** What can be done with the pipeline, what is being done, and what was. */
export default function OperationsPage({ instance }: PageProperties): ReactElement {
  const notify = useNotify();
  const isReadOnly = !useMayOperate();
  const [opened, setOpened] = useState<OperationKind | null>(null);
  const [shown, setShown] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  const close = () => setOpened(null);
  const started = (operation: Operation) => {
    close();
    setShown(operation.id);
    setRound(round + 1);
    notify({ type: 'info', header: `${operationTitle(operation)} is started` });
  };
  return (
    <ContentLayout
      header={
        <Header variant="h1" description="Each says what it will do before it does it.">
          Operations
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Container>
          <RestoreOnStartup instance={instance} />
        </Container>
        <OperationCards isReadOnly={isReadOnly} onOpen={setOpened} />
        {shown === null ? null : <OperationDetails key={shown} instance={instance} id={shown} />}
        <OperationList instance={instance} round={round} shown={shown} onShow={setShown} isReadOnly={isReadOnly} />
      </SpaceBetween>
      {opened === null ? null : <Dialog kind={opened} instance={instance} onClose={close} onStarted={started} />}
    </ContentLayout>
  );
}

function Dialog({ kind, ...properties }: DialogProperties & { readonly kind: OperationKind }): ReactElement {
  switch (kind) {
    case 'sync-structure':
      return <SyncStructureDialog {...properties} />;
    case 'rollback':
      return <RollbackDialog {...properties} />;
    case 'full-extract':
    case 'sync-new-tables':
    case 'manual-delta':
    case 'verify':
      return <StartDialog {...properties} kind={kind} />;
  }
}
