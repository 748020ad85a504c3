import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TextFilter from '@cloudscape-design/components/text-filter';
import Toggle from '@cloudscape-design/components/toggle';
import { useState, type ReactElement } from 'react';
import { addressOf } from '../../api/client.ts';
import { useMayOperate } from '../../api/session.ts';
import { useSettled } from '../../forms/use-settled.ts';
import { DownloadButton } from '../../frame/download-button.tsx';
import type { PageProperties } from '../../frame/pages.ts';
import { browserZone } from '../../words/times.ts';
import { filterQuery, type LogFilter } from './log-filter.ts';
import { LogLines } from './log-lines.tsx';

const KINDS = [
  { id: 'all', text: 'All' },
  { id: 'source', text: 'Source' },
  { id: 'destination', text: 'Destination' },
  { id: 'others', text: 'Others' },
  { id: 'errors', text: 'Errors' },
] as const satisfies readonly { id: LogFilter['kind']; text: string }[];

const LEVELS = [
  { value: 'info', label: 'All levels' },
  { value: 'warn', label: 'Warnings and errors' },
  { value: 'error', label: 'Errors only' },
] as const satisfies readonly { value: LogFilter['level']; label: string }[];

const SETTLED_MILLISECONDS = 300;
/** The API takes no longer ones. */
const LONGEST_SEARCH = 200;

/** The instance's log: filtered, searched, followed, taken away. */
export default function LogsPage({ instance }: PageProperties): ReactElement {
  const mayOperate = useMayOperate();
  const [kind, setKind] = useState<LogFilter['kind']>('all');
  const [level, setLevel] = useState<LogFilter['level']>('info');
  const [search, setSearch] = useState('');
  const [isFollowed, setIsFollowed] = useState(true);
  /** Who follows again sees the end of the log, without a hole before it. */
  const [round, setRound] = useState(0);
  const filter = { kind, level, search: useSettled(search, SETTLED_MILLISECONDS) };
  const { path } = addressOf('GET /instances/{name}/logs/download', { name: instance });
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={`What was done and what went wrong. Times in ${browserZone()}; the newest lines are below.`}
          actions={
            mayOperate ? (
              <DownloadButton path={path} query={filterQuery(filter)} ariaLabel="Download the lines that match">
                Download
              </DownloadButton>
            ) : null
          }
        >
          Logs
        </Header>
      }
    >
      <Container>
        <SpaceBetween size="m">
          <SpaceBetween direction="horizontal" size="m" alignItems="end">
            <SegmentedControl
              label="Whose lines"
              selectedId={kind}
              options={KINDS}
              onChange={({ detail }) => setKind(KINDS.find(({ id }) => id === detail.selectedId)?.id ?? 'all')}
            />
            <FormField label="Level">
              <Select
                selectedOption={LEVELS.find(({ value }) => value === level) ?? null}
                options={LEVELS}
                onChange={({ detail }) =>
                  setLevel(LEVELS.find(({ value }) => value === detail.selectedOption.value)?.value ?? 'info')
                }
              />
            </FormField>
            <TextFilter
              filteringText={search}
              filteringPlaceholder="Find lines"
              filteringAriaLabel="Find lines"
              onChange={({ detail }) => setSearch(detail.filteringText.slice(0, LONGEST_SEARCH))}
            />
            <Toggle
              checked={isFollowed}
              onChange={({ detail }) => {
                setIsFollowed(detail.checked);
                if (detail.checked) setRound(round + 1);
              }}
            >
              Follow
            </Toggle>
          </SpaceBetween>
          <LogLines key={JSON.stringify([filter, round])} instance={instance} filter={filter} isFollowed={isFollowed} />
        </SpaceBetween>
      </Container>
    </ContentLayout>
  );
}
