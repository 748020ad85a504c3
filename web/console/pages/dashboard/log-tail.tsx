import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { useCallback, useState, type ReactElement } from 'react';
import type { LogLine } from '../../../api/schemas/logs.ts';
import { call } from '../../api/client.ts';
import { useLiveLog, useLiveMode } from '../../api/live.tsx';
import { useResource } from '../../api/use-resource.ts';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { browserZone, clockText, timeText } from '../../words/times.ts';
import { tailOf } from './tail.ts';

const LINES = 50;
const POLL_SECONDS = 5;

interface Properties {
  readonly instance: string;
  readonly kind: 'source' | 'destination';
  readonly title: string;
}

/** The last lines of a log, the newest below; new ones come by themselves. */
export function LogTail({ instance, kind, title }: Properties): ReactElement {
  const isPolled = useLiveMode() === 'polling';
  const [live, setLive] = useState<readonly LogLine[]>([]);
  const { data, problem, refresh } = useResource(
    `${instance} log ${kind}`,
    (signal) =>
      call('GET /instances/{name}/logs', { parameters: { name: instance }, query: { kind, limit: LINES }, signal }),
    isPolled ? POLL_SECONDS : null,
  );
  const listen = useCallback(
    (lines: readonly LogLine[]) => {
      const own = lines.filter((line) => line.kind === kind);
      if (own.length > 0) setLive((before) => [...before, ...own].slice(-LINES));
    },
    [kind],
  );
  useLiveLog(listen);
  const lines = tailOf(data?.items ?? [], live, LINES);
  return (
    <Container
      fitHeight
      header={
        <Header variant="h2" description={`Times in ${browserZone()}`}>
          {title}
        </Header>
      }
    >
      {problem === null ? null : <ProblemAlert problem={problem} retry={refresh} />}
      {lines.length === 0 ? (
        <Box color="text-body-secondary">No lines yet</Box>
      ) : (
        <div className="log-tail" role="log" aria-label={title} tabIndex={0}>
          <div>
            {lines.map((line) => (
              <div key={line.id} className={`log-line log-${line.level}`}>
                <span className="log-time" title={timeText(line.at)}>
                  {clockText(line.at)}
                </span>{' '}
                {line.level === 'info' ? '' : `${line.level.toUpperCase()} `}
                {line.message}
              </div>
            ))}
          </div>
        </div>
      )}
    </Container>
  );
}
