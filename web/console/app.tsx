import AppLayout from '@cloudscape-design/components/app-layout';
import Header from '@cloudscape-design/components/header';
import type { ReactElement } from 'react';

/** The whole console: one frame around the pages. */
export function App(): ReactElement {
  return <AppLayout content={<Header variant="h1">Penstock</Header>} navigationHide toolsHide />;
}
