import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactElement } from 'react';
import type { Settings } from '../../../api/schemas/settings.ts';
import { bytesText } from '../../words/numbers.ts';

/** This installation, and its licence. */
export function About({ settings }: { settings: Settings }): ReactElement {
  const { about, licence, metadata } = settings;
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">About Penstock</Header>}>
        <KeyValuePairs
          columns={2}
          items={[
            { label: 'Version', value: about.version },
            { label: 'Runtime', value: about.runtime },
            { label: 'Host name', value: about.hostName },
            { label: 'Location', value: about.location },
            { label: 'Catalog (metadata)', value: metadata.place },
            { label: 'Size of the catalog', value: metadata.bytes === null ? 'not known' : bytesText(metadata.bytes) },
          ]}
        />
      </Container>
      <Container
        header={
          <Header variant="h2" description="No product key is needed.">
            {licence.name}
          </Header>
        }
      >
        <pre className="statement" tabIndex={0} aria-label="Text of the licence">
          {licence.text}
        </pre>
      </Container>
    </SpaceBetween>
  );
}
