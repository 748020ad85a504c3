import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useState, type ReactElement } from 'react';
import type { AuditEntry } from '../../../api/schemas/settings.ts';
import { call } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { timeText } from '../../words/times.ts';
import { FIRST_PAGE } from '../../api/pages-seen.ts';
import { TurnPages } from '../../frame/turn-pages.tsx';

const OUTCOMES = {
  done: { type: 'success', text: 'Done' },
  refused: { type: 'stopped', text: 'Refused' },
  failed: { type: 'error', text: 'Failed' },
} as const;

/** Who changed what and when, the newest first. */
export function AuditList({ instance }: { instance: string }): ReactElement {
  const [pages, setPages] = useState(FIRST_PAGE);
  const after = pages.starts[pages.page] ?? null;
  const query = after === null ? {} : { after };
  const { data, problem, refresh } = useResource(`${instance} audit ${after ?? ''}`, (signal) =>
    call('GET /instances/{name}/audit', { parameters: { name: instance }, query, signal }),
  );
  const next = data?.next ?? null;
  return (
    <SpaceBetween size="s">
      {problem === null ? null : <ProblemAlert problem={problem} retry={refresh} />}
      <Table
        items={data?.items ?? []}
        loading={data === null && problem === null}
        loadingText="Reading"
        ariaLabels={{ tableLabel: 'Audit' }}
        wrapLines
        columnDefinitions={[
          { id: 'at', header: 'When', cell: ({ at }: AuditEntry) => timeText(at), isRowHeader: true },
          { id: 'by', header: 'Who', cell: ({ by }: AuditEntry) => by },
          { id: 'action', header: 'What', cell: ({ action }: AuditEntry) => action },
          { id: 'detail', header: 'Details', cell: ({ detail }: AuditEntry) => detail },
          {
            id: 'outcome',
            header: 'Outcome',
            cell: ({ outcome }: AuditEntry) => (
              <StatusIndicator type={OUTCOMES[outcome].type}>{OUTCOMES[outcome].text}</StatusIndicator>
            ),
          },
        ]}
        empty={<Box textAlign="center">Nothing was changed yet.</Box>}
        header={
          <Header variant="h2" description="Changes and operations, refused ones too. Values of secrets are not in it.">
            Audit
          </Header>
        }
        pagination={<TurnPages pages={pages} next={next} onTurn={setPages} />}
      />
    </SpaceBetween>
  );
}
