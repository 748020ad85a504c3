import AppLayout from '@cloudscape-design/components/app-layout';
import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import TopNavigation from '@cloudscape-design/components/top-navigation';
import type { ReactElement, ReactNode } from 'react';
import { useLocation } from 'wouter';
import { useColorMode } from './color-mode.ts';
import { colorModeMenu } from './color-mode-menu.ts';
import { iconOf } from './instance-icon.ts';
import { Navigation } from './navigation.tsx';
import { useUserMenu } from '../sign-in/user-menu.ts';
import type { Page } from './pages.ts';
import { instancePath } from './paths.ts';

interface Properties {
  /** Null: no instance is chosen yet. */
  readonly instance: {
    readonly name: string;
    readonly iconText: string | null;
    readonly iconColor: string | null;
  } | null;
  readonly page: Page | null;
  readonly notifications: ReactNode;
  readonly children: ReactNode;
}

/** What surrounds every page. */
export function Frame({ instance, page, notifications, children }: Properties): ReactElement {
  const [, navigate] = useLocation();
  const colorMode = useColorMode();
  const userMenu = useUserMenu();
  return (
    <>
      <a className="skip-link" href="#content" onClick={focusContent}>
        Skip to the content
      </a>
      <div className="top" id="top">
        <TopNavigation
          identity={{
            href: '/',
            title: instance === null ? 'Penstock' : instance.name,
            ...(instance === null ? {} : { logo: iconOf(instance) }),
            onFollow: (event) => {
              event.preventDefault();
              navigate('/');
            },
          }}
          utilities={[colorModeMenu(colorMode), ...userMenu]}
        />
      </div>
      <AppLayout
        headerSelector="#top"
        navigationHide={instance === null}
        navigation={instance === null ? null : <Navigation instance={instance.name} />}
        breadcrumbs={
          instance === null || page === null ? null : <Breadcrumbs instance={instance.name} page={page.title} />
        }
        notifications={notifications}
        toolsHide
        content={
          <div id="content" tabIndex={-1}>
            {children}
          </div>
        }
      />
    </>
  );
}

function Breadcrumbs({ instance, page }: { instance: string; page: string }): ReactElement {
  const [, navigate] = useLocation();
  return (
    <BreadcrumbGroup
      items={[
        { text: 'Instances', href: '/' },
        { text: instance, href: instancePath(instance) },
        { text: page, href: '#' },
      ]}
      onFollow={(event) => {
        event.preventDefault();
        if (event.detail.href !== '#') navigate(event.detail.href);
      }}
    />
  );
}

/** The address stays as it is: it names the page. */
function focusContent(event: { preventDefault: () => void }): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}
