import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import { useState, type ReactElement } from 'react';
import type { Operation } from '../../../api/schemas/operations.ts';
import { call } from '../../api/client.ts';
import { FIRST_PAGE } from '../../api/pages-seen.ts';
import { TurnPages } from '../../frame/turn-pages.tsx';
import { useResource, type ReadResource } from '../../api/use-resource.ts';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { useNow } from '../../words/moment.tsx';
import { browserZone, durationText, timeText } from '../../words/times.ts';
import { useStop } from './operation-calls.ts';
import { isAtWork, operationTitle, STATES, tablesText } from './operation-words.ts';

const ROWS = 10;
const LOOK_SECONDS = 2;

type Page = { readonly items: Operation[]; readonly next: string | null };

/** One page of operations, looked at again and again: somebody else may start one, too. */
function useOperations(instance: string, round: number, after: string | null): ReadResource<Page> {
  return useResource(
    `${instance} operations ${round} ${after ?? ''}`,
    (signal) =>
      call('GET /instances/{name}/operations', {
        parameters: { name: instance },
        query: { limit: ROWS, ...(after === null ? {} : { after }) },
        signal,
      }),
    LOOK_SECONDS,
  );
}

interface Properties {
  readonly instance: string;
  /** Grows when one was started. */
  readonly round: number;
  readonly shown: string | null;
  readonly onShow: (id: string) => void;
  readonly isReadOnly: boolean;
}

/** Operations that run and that ran, the newest first. */
export function OperationList({ instance, round, shown, onShow, isReadOnly }: Properties): ReactElement {
  const [pages, setPages] = useState(FIRST_PAGE);
  const list = useOperations(instance, round, pages.starts[pages.page] ?? null);
  const stop = useStop(instance, list.refresh);
  const next = list.data?.next ?? null;
  return (
    <SpaceBetween size="s">
      {list.problem === null ? null : <ProblemAlert problem={list.problem} retry={list.refresh} />}
      {stop.problem === null ? null : <ProblemAlert problem={stop.problem} />}
      <Table
        wrapLines
        header={
          <Header variant="h2" description={`Times in ${browserZone()}`}>
            Running and past operations
          </Header>
        }
        items={list.data?.items ?? []}
        trackBy="id"
        loading={list.data === null && list.problem === null}
        loadingText="Asking for operations"
        empty={<Box textAlign="center">Nothing was done here yet.</Box>}
        ariaLabels={{ tableLabel: 'Operations' }}
        columnDefinitions={columnsOf({ shown, onShow, isReadOnly, onStop: stop.run })}
        pagination={
          <TurnPages
            pages={pages}
            next={next}
            onTurn={setPages}
            previousLabel="Newer operations"
            nextLabel="Older operations"
          />
        }
      />
    </SpaceBetween>
  );
}

interface RowActions extends Pick<Properties, 'shown' | 'onShow' | 'isReadOnly'> {
  readonly onStop: (id: string) => void;
}

function columnsOf({ shown, onShow, isReadOnly, onStop }: RowActions): TableProps.ColumnDefinition<Operation>[] {
  return [
    {
      id: 'operation',
      header: 'Operation',
      minWidth: 150,
      isRowHeader: true,
      cell: (operation) => (
        <Link
          href={`#${operation.id}`}
          variant={operation.id === shown ? 'primary' : 'secondary'}
          onFollow={(event) => {
            event.preventDefault();
            onShow(operation.id);
          }}
        >
          {operationTitle(operation)}
        </Link>
      ),
    },
    { id: 'tables', header: 'Tables', cell: tablesText },
    {
      id: 'state',
      header: 'State',
      minWidth: 160,
      cell: ({ state }) => <StatusIndicator type={STATES[state].type}>{STATES[state].text}</StatusIndicator>,
    },
    { id: 'message', header: 'What it does or did', cell: ({ message }) => message },
    { id: 'by', header: 'Started by', cell: ({ by }) => by },
    { id: 'started', header: 'Started', cell: ({ startedAt }) => timeText(startedAt) },
    { id: 'took', header: 'Duration', cell: (operation) => <Duration operation={operation} /> },
    {
      id: 'stop',
      header: 'Stop',
      cell: (operation) =>
        isAtWork(operation) ? (
          <Button
            disabled={isReadOnly || operation.state === 'stopping'}
            ariaLabel={`Stop ${operationTitle(operation)}`}
            onClick={() => onStop(operation.id)}
          >
            Stop
          </Button>
        ) : null,
    },
  ];
}

function Duration({ operation }: { operation: Operation }): ReactElement {
  const now = useNow();
  const { startedAt, endedAt } = operation;
  if (endedAt === null && !isAtWork(operation)) return <>–</>;
  const end = endedAt === null ? now : new Date(endedAt).getTime();
  return <>{durationText(Math.max(0, end - new Date(startedAt).getTime()))}</>;
}
