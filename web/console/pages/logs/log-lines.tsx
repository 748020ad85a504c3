import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactElement } from 'react';
import type { LogLine } from '../../../api/schemas/logs.ts';
import { Loading } from '../../frame/page-outlet.tsx';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { counted } from '../../words/numbers.ts';
import { clockText, timeText } from '../../words/times.ts';
import { detailsOf, type LogFilter } from './log-filter.ts';
import { useLog } from './use-log.ts';

interface Properties {
  readonly instance: string;
  readonly filter: LogFilter;
  readonly isFollowed: boolean;
}

/** The lines that match, the newest below. */
export function LogLines({ instance, filter, isFollowed }: Properties): ReactElement {
  const { lines, isLoading, problem, retry, showEarlier, isLoadingEarlier } = useLog(instance, filter, isFollowed);
  if (isLoading) return <Loading />;
  return (
    <SpaceBetween size="s">
      {problem === null ? null : <ProblemAlert problem={problem} retry={retry} />}
      <SpaceBetween direction="horizontal" size="s" alignItems="center">
        <Box variant="small">{counted(lines.length, 'line')} shown</Box>
        {showEarlier === null ? null : (
          <Button loading={isLoadingEarlier} onClick={showEarlier}>
            Show earlier lines
          </Button>
        )}
      </SpaceBetween>
      {lines.length === 0 ? (
        <Box color="text-body-secondary">No line matches.</Box>
      ) : (
        <div className="log-tail log-whole" role="log" aria-label="Log" tabIndex={0}>
          <div>
            {lines.map((line) => (
              <Line key={line.id} line={line} />
            ))}
          </div>
        </div>
      )}
    </SpaceBetween>
  );
}

const DAY = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short' });

function Line({ line }: { line: LogLine }): ReactElement {
  return (
    <div className={`log-line log-${line.level}`}>
      <span className="log-time" title={timeText(line.at)}>
        {DAY.format(new Date(line.at))} {clockText(line.at)}
      </span>{' '}
      {line.level.toUpperCase()} [{line.kind}] {line.message} <span className="log-time">{detailsOf(line)}</span>
    </div>
  );
}
