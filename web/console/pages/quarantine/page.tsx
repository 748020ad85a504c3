import Button from '@cloudscape-design/components/button';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState, type ReactElement } from 'react';
import type { RetriedTable } from '../../../api/schemas/quarantine.ts';
import { FIRST_PAGE } from '../../api/pages-seen.ts';
import { useMayOperate } from '../../api/session.ts';
import { useNotify } from '../../frame/notifications.tsx';
import type { PageProperties } from '../../frame/pages.ts';
import { DropDialog } from './drop-dialog.tsx';
import { useQuarantine } from './quarantine-calls.ts';
import { QuarantineRows } from './quarantine-rows.tsx';
import { RetryDialog } from './retry-dialog.tsx';
import { RetryOutcome } from './retry-outcome.tsx';

const GOES_ON = 'It goes on by itself; the list shows what is left in the end.';

/** Rows with a value that its column at the destination cannot hold, and what can be done with them. */
export default function QuarantinePage({ instance }: PageProperties): ReactElement {
  const notify = useNotify();
  const mayOperate = useMayOperate();
  const [table, setTable] = useState<string | null>(null);
  const [pages, setPages] = useState(FIRST_PAGE);
  const [round, setRound] = useState(0);
  const [opened, setOpened] = useState<'retry' | 'drop' | null>(null);
  const [retried, setRetried] = useState<readonly RetriedTable[] | null>(null);
  const rows = useQuarantine(instance, { table, after: pages.starts[pages.page] ?? null, round });
  const tables = table === null ? null : [table];
  const total = rows.data?.total ?? 0;
  const again = () => {
    setOpened(null);
    setPages(FIRST_PAGE);
    setRound(round + 1);
  };
  const button = (kind: 'retry' | 'drop', text: string) => (
    <Button disabled={!mayOperate || total === 0} onClick={() => setOpened(kind)}>
      {text}
    </Button>
  );
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description="Rows with a value that its column at the destination cannot hold. They are not at the destination; all other rows are."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {button('drop', 'Drop')}
              {button('retry', 'Retry')}
            </SpaceBetween>
          }
        >
          Quarantine
        </Header>
      }
    >
      <SpaceBetween size="l">
        {retried === null ? null : <RetryOutcome retried={retried} onDismiss={() => setRetried(null)} />}
        <QuarantineRows
          rows={rows}
          table={table}
          onTable={(chosen) => {
            setTable(chosen);
            setPages(FIRST_PAGE);
          }}
          pages={pages}
          onTurn={setPages}
        />
      </SpaceBetween>
      {opened === 'retry' ? (
        <RetryDialog
          instance={instance}
          tables={tables}
          onClose={() => setOpened(null)}
          onRetried={(answer) => {
            setRetried(answer.tables);
            if (answer.tables === null)
              notify({ type: 'info', header: 'The rows are being retried', content: GOES_ON });
            again();
          }}
        />
      ) : null}
      {opened === 'drop' ? (
        <DropDialog instance={instance} tables={tables} onClose={() => setOpened(null)} onDropped={again} />
      ) : null}
    </ContentLayout>
  );
}
