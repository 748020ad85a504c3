import type { FlashbarProps } from '@cloudscape-design/components/flashbar';
import {
  createContext,
  lazy,
  Suspense,
  useCallback,
  useContext,
  useMemo,
  useState,
  type ReactElement,
  type ReactNode,
} from 'react';

/** Comes with the first notification: the first load is small. */
const Flashbar = lazy(() => import('@cloudscape-design/components/flashbar'));

/** What a page tells the user above its content, until they put it away. */
export interface Notification {
  readonly type: 'success' | 'info' | 'warning' | 'error';
  readonly header: string;
  readonly content?: ReactNode;
}

type Notify = (notification: Notification) => void;

const NotifyContext = createContext<Notify>(() => undefined);

export function useNotify(): Notify {
  return useContext(NotifyContext);
}

/** More than these would hide the page. */
const MOST = 5;

interface Shown extends Notification {
  readonly id: string;
}

export interface Notifications {
  readonly notify: Notify;
  readonly bar: ReactElement | null;
}

export function useNotifications(): Notifications {
  const [shown, setShown] = useState<readonly Shown[]>([]);
  const notify = useCallback((notification: Notification) => {
    setShown((before) => [{ ...notification, id: crypto.randomUUID() }, ...before].slice(0, MOST));
  }, []);
  const items = useMemo(
    () =>
      shown.map(({ id, type, header, content }): FlashbarProps.MessageDefinition => ({
        id,
        type,
        header,
        content,
        dismissible: true,
        dismissLabel: 'Dismiss',
        statusIconAriaLabel: type,
        onDismiss: () => setShown((before) => before.filter((one) => one.id !== id)),
      })),
    [shown],
  );
  return {
    notify,
    bar:
      items.length === 0 ? null : (
        <Suspense fallback={null}>
          <Flashbar items={items} stackItems />
        </Suspense>
      ),
  };
}

export function NotifyProvider({ notify, children }: { notify: Notify; children: ReactNode }): ReactElement {
  return <NotifyContext value={notify}>{children}</NotifyContext>;
}
