import Alert from '@cloudscape-design/components/alert';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import type { ReactElement } from 'react';
import type { Configuration } from '../../../api/schemas/configuration.ts';
import { configurationKey, useConfiguration, useConfigurationSchemas } from '../../api/instance-calls.ts';
import { useMayOperate } from '../../api/session.ts';
import { useResourceStore } from '../../api/use-resource.ts';
import { Loading } from '../../frame/page-outlet.tsx';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { EndpointForm } from './endpoint-form.tsx';

interface Properties {
  readonly instance: string;
  readonly section: 'source' | 'destination';
}

const WORDS = {
  source: { title: 'Source', description: 'The database that changes are read from.' },
  destination: { title: 'Destination', description: 'The database that tables are loaded into.' },
} as const;

/** Set-up of one of the two databases. */
export function EndpointPage({ instance, section }: Properties): ReactElement {
  const configuration = useConfiguration(instance);
  const schemas = useConfigurationSchemas();
  const store = useResourceStore();
  const mayOperate = useMayOperate();
  const problem = configuration.problem ?? schemas.problem;
  const { title, description } = WORDS[section];
  const saved = (next: Configuration) => store.put(configurationKey(instance), next);
  const retry = () => {
    configuration.refresh();
    schemas.refresh();
  };
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={description}>
          {title}
        </Header>
      }
    >
      {configuration.data !== null && schemas.data !== null ? (
        <>
          {configuration.data.writable ? null : (
            <Alert type="info">
              The configuration is deployed ({configuration.data.place}): it is changed there, not here.
            </Alert>
          )}
          <EndpointForm
            // What the file says anew is shown anew; what is typed here is about the version that was read.
            key={configuration.data.version}
            instance={instance}
            section={section}
            kinds={section === 'source' ? schemas.data.sources : schemas.data.destinations}
            configuration={configuration.data}
            isReadOnly={!configuration.data.writable || !mayOperate}
            onSaved={saved}
            onReload={configuration.refresh}
          />
        </>
      ) : problem === null ? (
        <Loading />
      ) : (
        <ProblemAlert problem={problem} retry={retry} />
      )}
    </ContentLayout>
  );
}
