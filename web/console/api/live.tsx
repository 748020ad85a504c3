import { createContext, useContext, useEffect, useMemo, useState, type ReactElement, type ReactNode } from 'react';
import type { LiveEvent } from '../../api/schemas/live.ts';
import type { LogLine } from '../../api/schemas/logs.ts';
import { addressOf } from './client.ts';
import { LiveChannel } from './live-channel.ts';
import { useSession } from './session.ts';

/** `events`: the server tells what changes. `polling`: pages ask again every few seconds. */
export type LiveMode = 'events' | 'polling';

interface Live {
  readonly mode: LiveMode;
  readonly channel: LiveChannel;
}

const LiveContext = createContext<Live>({ mode: 'polling', channel: new LiveChannel() });

export function useLiveMode(): LiveMode {
  return useContext(LiveContext).mode;
}

/** Calls `listen` with each batch of log lines that comes. */
export function useLiveLog(listen: (lines: readonly LogLine[]) => void): void {
  const { channel } = useContext(LiveContext);
  useEffect(() => channel.onLog(listen), [channel, listen]);
}

interface Properties {
  readonly instance: string;
  /** What came about dashboard and operations. */
  readonly onEvent: (event: LiveEvent) => void;
  readonly children: ReactNode;
}

/**
 * The live events of an instance, for all that is drawn inside. A hidden page holds no stream: a browser has six connections to a server
 * for all its tabs. A stream that breaks is opened again by the browser; one that is refused is tried again after a while.
 */
export function LiveProvider({ instance, onEvent, children }: Properties): ReactElement {
  const canStream = useSession().live === 'events';
  const [isOpen, setIsOpen] = useState(false);
  const channel = useMemo(() => new LiveChannel(), []);
  useEffect(() => {
    if (!canStream) return undefined;
    const { path } = addressOf('GET /instances/{name}/live', { name: instance });
    return channel.open(path, onEvent, setIsOpen);
  }, [canStream, instance, channel, onEvent]);
  const live = useMemo((): Live => ({ mode: isOpen ? 'events' : 'polling', channel }), [isOpen, channel]);
  return <LiveContext value={live}>{children}</LiveContext>;
}
