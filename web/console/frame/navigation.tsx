import SideNavigation, { type SideNavigationProps } from '@cloudscape-design/components/side-navigation';
import type { ReactElement } from 'react';
import { useLocation } from 'wouter';
import { PAGES, type Page } from './pages.ts';
import { instancePath } from './paths.ts';

/** The pages of one instance, under the headings of the route table. */
export function Navigation({ instance }: { instance: string }): ReactElement {
  const [location, navigate] = useLocation();
  const sections = [...new Set(PAGES.map((page) => page.section))];
  const items = sections.map((section): SideNavigationProps.Item => {
    const links = PAGES.filter((page) => page.section === section).map((page) => link(instance, page));
    return { type: 'section-group', title: section, items: links };
  });
  return (
    <SideNavigation
      header={{ href: instancePath(instance), text: instance }}
      activeHref={location}
      items={items}
      onFollow={(event) => {
        if (event.detail.external === true) return;
        event.preventDefault();
        navigate(event.detail.href);
      }}
    />
  );
}

function link(instance: string, page: Page): SideNavigationProps.Link {
  return { type: 'link', text: page.title, href: instancePath(instance, page.path) };
}
