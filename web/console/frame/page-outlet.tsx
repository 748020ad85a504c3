import Box from '@cloudscape-design/components/box';
import Spinner from '@cloudscape-design/components/spinner';
import { lazy, Suspense, type ReactElement } from 'react';
import { PageBoundary } from './page-boundary.tsx';
import { PAGES, type Page, type PageProperties } from './pages.ts';

const COMPONENTS = new Map(PAGES.map((page) => [page, lazy(page.load)]));

/** The page in its frame, loaded when it is first seen. A page of another instance starts afresh. */
export function PageOutlet({ page, instance }: PageProperties & { readonly page: Page }): ReactElement | null {
  const Content = COMPONENTS.get(page);
  if (Content === undefined) return null;
  return (
    <PageBoundary key={`${instance}${page.path}`}>
      <Suspense fallback={<Loading />}>
        <Content instance={instance} />
      </Suspense>
    </PageBoundary>
  );
}

export function Loading(): ReactElement {
  return (
    <Box padding="xxl" textAlign="center">
      <Spinner size="large" /> <Box variant="span">Loading</Box>
    </Box>
  );
}
