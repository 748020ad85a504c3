import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import Tabs from '@cloudscape-design/components/tabs';
import type { ReactElement } from 'react';
import { call } from '../../api/client.ts';
import { useMayOperate, useSession } from '../../api/session.ts';
import { useResource, useResourceStore } from '../../api/use-resource.ts';
import { Loading } from '../../frame/page-outlet.tsx';
import type { PageProperties } from '../../frame/pages.ts';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { About } from './about.tsx';
import { AuditList } from './audit-list.tsx';
import { Elsewhere } from './elsewhere.tsx';
import { InstanceDetails } from './instance-details.tsx';
import { SectionSettings } from './section-settings.tsx';
import { UserDefined } from './user-defined.tsx';

export const settingsKey = (instance: string): string => `${instance} settings`;

/** What is set beside source, destination, tables and schedule, and what is known of this installation. */
export default function SettingsPage({ instance }: PageProperties): ReactElement {
  const store = useResourceStore();
  const mayOperate = useMayOperate();
  const { host } = useSession();
  const { data, problem, refresh } = useResource(settingsKey(instance), (signal) =>
    call('GET /instances/{name}/settings', { parameters: { name: instance }, signal }),
  );
  const heading = (
    <Header variant="h1" description="Each part is saved by itself.">
      Settings
    </Header>
  );
  if (data === null) {
    return (
      <ContentLayout header={heading}>
        {problem === null ? <Loading /> : <ProblemAlert problem={problem} retry={refresh} />}
      </ContentLayout>
    );
  }
  const own = {
    ...{ instance, settings: data, isReadOnly: !mayOperate },
    onSaved: (saved: typeof data) => store.put(settingsKey(instance), saved),
  };
  return (
    <ContentLayout header={heading}>
      <Tabs
        ariaLabel="Parts of the settings"
        tabs={[
          { id: 'instance', label: 'Instance details', content: <InstanceDetails {...own} /> },
          { id: 'history', label: 'History', content: <SectionSettings instance={instance} part="history" /> },
          { id: 'extracts', label: 'Extracts', content: <SectionSettings instance={instance} part="extracts" /> },
          {
            id: 'structure',
            label: 'Structure changes',
            content: <SectionSettings instance={instance} part="structure" />,
          },
          { id: 'policies', label: 'Policies', content: <SectionSettings instance={instance} part="policies" /> },
          { id: 'user-defined', label: 'User defined', content: <UserDefined {...own} /> },
          ...(host === 'aws'
            ? []
            : [
                { id: 'email', label: 'E-mail', content: <SectionSettings instance={instance} part="email" /> },
                { id: 'aws', label: 'AWS', content: <SectionSettings instance={instance} part="aws" /> },
                {
                  id: 'aws-proxy',
                  label: 'AWS proxy',
                  content: <SectionSettings instance={instance} part="awsProxy" />,
                },
              ]),
          { id: 'elsewhere', label: 'Elsewhere', content: <Elsewhere /> },
          { id: 'audit', label: 'Audit', content: <AuditList instance={instance} /> },
          { id: 'about', label: 'About and licence', content: <About settings={data} /> },
        ]}
      />
    </ContentLayout>
  );
}
