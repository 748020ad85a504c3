import I18nProvider from '@cloudscape-design/components/i18n';
import messages from '@cloudscape-design/components/i18n/messages/all.en';
import { lazy, Suspense, useMemo, type ReactElement } from 'react';
import { Redirect, useLocation } from 'wouter';
import { call } from './api/client.ts';
import { ResourceStore } from './api/resource-store.ts';
import { SessionProvider } from './api/session.ts';
import { ResourceProvider, useResource } from './api/use-resource.ts';
import { Frame } from './frame/frame.tsx';
import { InstanceView } from './frame/instance-view.tsx';
import { NotifyProvider, useNotifications } from './frame/notifications.tsx';
import { PageBoundary } from './frame/page-boundary.tsx';
import { Loading } from './frame/page-outlet.tsx';
import { instancePath, parsePath } from './frame/paths.ts';
import { ProblemAlert } from './problem/problem-alert.tsx';
import { useIsSignedOut } from './sign-in/user-menu.ts';

const StartPage = lazy(() => import('./pages/start/page.tsx'));
const SignInPage = lazy(() => import('./sign-in/sign-in-page.tsx'));

/** The whole console: one frame around the pages. */
export function App(): ReactElement {
  const store = useMemo(() => new ResourceStore(), []);
  return (
    <I18nProvider locale="en" messages={[messages]}>
      <ResourceProvider value={store}>
        <Console />
      </ResourceProvider>
    </I18nProvider>
  );
}

function Console(): ReactElement {
  const [location] = useLocation();
  const session = useResource('session', (signal) => call('GET /session', { signal }));
  const { notify, bar } = useNotifications();
  if (useIsSignedOut()) {
    return (
      <Frame instance={null} page={null} notifications={bar}>
        <PageBoundary>
          <Suspense fallback={<Loading />}>
            <SignInPage onSignedIn={session.refresh} />
          </Suspense>
        </PageBoundary>
      </Frame>
    );
  }
  if (session.data === null) {
    return (
      <Frame instance={null} page={null} notifications={bar}>
        {session.problem === null || session.problem.status === 401 ? (
          <Loading />
        ) : (
          <ProblemAlert problem={session.problem} retry={session.refresh} />
        )}
      </Frame>
    );
  }
  const place = parsePath(location);
  const { only } = session.data;
  if (place === null && only !== null) return <Redirect to={instancePath(only)} replace />;
  return (
    <SessionProvider value={session.data}>
      <NotifyProvider notify={notify}>
        {place === null ? (
          <Frame instance={null} page={null} notifications={bar}>
            <PageBoundary>
              <Suspense fallback={<Loading />}>
                <StartPage />
              </Suspense>
            </PageBoundary>
          </Frame>
        ) : (
          <InstanceView key={place.instance} name={place.instance} path={place.page} notifications={bar} />
        )}
      </NotifyProvider>
    </SessionProvider>
  );
}
