import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState, type ReactElement } from 'react';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { useSaveSettings, type OwnSettingsProperties } from './save-settings.ts';

/** One field of the user's own: a name and a value that Penstock keeps and does not look at. */
export function UserDefined(properties: OwnSettingsProperties): ReactElement {
  const { isReadOnly, settings } = properties;
  const saved = settings.userDefined ?? { name: '', value: '' };
  const [field, setField] = useState(saved);
  const save = useSaveSettings(properties);
  const isChanged = field.name !== saved.name || field.value !== saved.value;
  return (
    <Form
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button disabled={!isChanged} onClick={() => setField(saved)}>
            Undo
          </Button>
          <Button
            disabled={isReadOnly || settings.userDefined === null || save.isRunning}
            onClick={() => {
              setField({ name: '', value: '' });
              save.run({ userDefined: null }, 'The field is deleted');
            }}
          >
            Delete
          </Button>
          <Button
            variant="primary"
            loading={save.isRunning}
            disabled={isReadOnly || !isChanged || field.name === ''}
            onClick={() => save.run({ userDefined: field }, 'The field is saved')}
          >
            Save
          </Button>
        </SpaceBetween>
      }
    >
      <Container>
        <ColumnLayout columns={2}>
          <FormField label="Name" description="One field of your own. No place for a secret: everybody here reads it.">
            <Input
              value={field.name}
              onChange={({ detail }) => setField({ ...field, name: detail.value })}
              disabled={isReadOnly}
              autoComplete={false}
            />
          </FormField>
          <FormField label="Value">
            <Input
              value={field.value}
              onChange={({ detail }) => setField({ ...field, value: detail.value })}
              disabled={isReadOnly}
              autoComplete={false}
            />
          </FormField>
        </ColumnLayout>
        {save.problem === null ? null : <ProblemAlert problem={save.problem} />}
      </Container>
    </Form>
  );
}
