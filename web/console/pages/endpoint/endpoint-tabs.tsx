import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import type { ReactElement } from 'react';
import { isGroup } from '../../forms/draft.ts';
import type { Field } from '../../forms/field.ts';
import { databaseFields, descriptionOf, labelOf, type GroupField, type Tabs as FieldTabs } from '../../forms/labels.ts';
import { NO_PASSWORD, PasswordFields } from '../../forms/password-fields.tsx';
import { isWide, SettingsFields } from '../../forms/settings-fields.tsx';
import { described } from '../../words/described.tsx';
import type { EndpointDraft, SavedPasswords } from './endpoint-draft.ts';

interface Properties {
  readonly firstTab: string;
  readonly tabs: FieldTabs;
  readonly tab: string;
  readonly onTab: (tab: string) => void;
  readonly draft: EndpointDraft;
  readonly onChange: (draft: EndpointDraft) => void;
  readonly problems: ReadonlyMap<string, string>;
  readonly saved: SavedPasswords;
  readonly isReadOnly: boolean;
}

/** The tab that a field is in, by its name. */
export function tabIdOf({ databases, advanced }: FieldTabs, name: string): string {
  if (databases.some((field) => field.name === name)) return name;
  return advanced.some((field) => field.name === name) ? 'advanced' : 'connection';
}

/** How to connect, to other databases too, and the advanced options. */
export function EndpointTabs(properties: Properties): ReactElement {
  const { firstTab, tabs, tab, onTab, draft, onChange, problems, saved, isReadOnly } = properties;
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
                isSet={saved.password === 'set'}
                problem={problems.get('password') ?? null}
                disabled={isReadOnly}
              />
              {fields(tabs.connection.filter(isWide))}
            </SpaceBetween>
          ),
        },
        ...tabs.databases.map((field) => ({
          id: field.name,
          label: labelOf(field.name),
          content: <DatabaseFields {...properties} field={field} />,
        })),
        {
          id: 'advanced',
          label: 'Advanced options',
          content: <SpaceBetween size="l">{fields(tabs.advanced)}</SpaceBetween>,
        },
      ]}
    />
  );
}

/** How to connect to another database, with its own user and password. */
function DatabaseFields(properties: Properties & { readonly field: GroupField }): ReactElement {
  const { field, draft, onChange, problems, saved, isReadOnly } = properties;
  const { name, hasPassword } = field;
  const entry = draft.fields[name] ?? '';
  const asked = databaseFields(field);
  const fields = (shown: readonly Field[]) => (
    <SettingsFields
      fields={shown}
      draft={isGroup(entry) ? entry.draft : {}}
      onChange={(next) => onChange({ ...draft, fields: { ...draft.fields, [name]: { draft: next } } })}
      problems={problems}
      disabled={isReadOnly}
      path={name}
    />
  );
  return (
    <SpaceBetween size="l">
      <Box variant="p">{described(descriptionOf(field))}</Box>
      {fields(asked.filter((one) => !isWide(one)))}
      {hasPassword ? (
        <PasswordFields
          draft={draft.passwords[name] ?? NO_PASSWORD}
          onChange={(next) => onChange({ ...draft, passwords: { ...draft.passwords, [name]: next } })}
          isSet={saved.passwords[name] === 'set'}
          problem={problems.get(`${name}.password`) ?? null}
          disabled={isReadOnly}
        />
      ) : null}
      {fields(asked.filter(isWide))}
    </SpaceBetween>
  );
}
