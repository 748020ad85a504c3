import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import type { ReactElement } from 'react';
import type { Field } from '../../forms/field.ts';
import type { Tabs as FieldTabs } from '../../forms/labels.ts';
import { PasswordFields } from '../../forms/password-fields.tsx';
import { isWide, SettingsFields } from '../../forms/settings-fields.tsx';
import type { EndpointDraft } from './endpoint-draft.ts';

interface Properties {
  readonly firstTab: string;
  readonly tabs: FieldTabs;
  readonly tab: string;
  readonly onTab: (tab: string) => void;
  readonly draft: EndpointDraft;
  readonly onChange: (draft: EndpointDraft) => void;
  readonly problems: ReadonlyMap<string, string>;
  readonly isPasswordSet: boolean;
  readonly isReadOnly: boolean;
}

/** How to connect, and the advanced options. */
export function EndpointTabs(properties: Properties): ReactElement {
  const { firstTab, tabs, tab, onTab, draft, onChange, problems, isPasswordSet, isReadOnly } = properties;
  const fields = (shown: readonly Field[]) => (
    <SettingsFields
      fields={shown}
      draft={draft.fields}
      onChange={(next) => onChange({ ...draft, fields: next })}
      problems={problems}
      disabled={isReadOnly}
    />
  );
  return (
    <Tabs
      variant="container"
      activeTabId={tab}
      onChange={({ detail }) => onTab(detail.activeTabId)}
      tabs={[
        {
          id: 'connection',
          label: firstTab,
          content: (
            <SpaceBetween size="l">
              {fields(tabs.connection.filter((field) => !isWide(field)))}
              <PasswordFields
                draft={draft.password}
                onChange={(next) => onChange({ ...draft, password: next })}
                isSet={isPasswordSet}
                problem={problems.get('password') ?? null}
                disabled={isReadOnly}
              />
              {fields(tabs.connection.filter(isWide))}
            </SpaceBetween>
          ),
        },
        {
          id: 'advanced',
          label: 'Advanced options',
          content: <SpaceBetween size="l">{fields(tabs.advanced)}</SpaceBetween>,
        },
      ]}
    />
  );
}
