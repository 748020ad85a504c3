import type { ReactElement } from 'react';
import type { PageProperties } from '../../frame/pages.ts';
import { EndpointPage } from '../endpoint/endpoint-page.tsx';

export default function DestinationPage({ instance }: PageProperties): ReactElement {
  return <EndpointPage instance={instance} section="destination" />;
}
