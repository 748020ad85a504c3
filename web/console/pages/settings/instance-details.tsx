import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { useState, type ReactElement } from 'react';
import { call } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import { iconOf } from '../../frame/instance-icon.ts';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { COLORS, shortened } from './icon-choice.ts';
import { described } from '../../words/described.tsx';
import { useSaveSettings, type OwnSettingsProperties } from './save-settings.ts';

/** The name, and the icon that tells instances apart. */
export function InstanceDetails(properties: OwnSettingsProperties): ReactElement {
  const { name, icon } = properties.settings.instance;
  const { isReadOnly, instance } = properties;
  const [text, setText] = useState(icon.text);
  const [color, setColor] = useState(icon.color);
  // The frame shows the icon as well.
  const shown = useResource(`${instance} instance`, (signal) =>
    call('GET /instances/{name}', { parameters: { name: instance }, signal }),
  );
  const save = useSaveSettings({
    ...properties,
    onSaved: (saved) => {
      properties.onSaved(saved);
      shown.refresh();
    },
  });
  const options = COLORS.some(({ value }) => value === color) ? COLORS : [{ value: color, label: color }, ...COLORS];
  const isChanged = text !== icon.text || color !== icon.color;
  return (
    <Form
      actions={
        <Button
          variant="primary"
          loading={save.isRunning}
          disabled={isReadOnly || !isChanged}
          onClick={() => save.run({ icon: { text, color } }, 'The instance details are saved')}
        >
          Apply
        </Button>
      }
    >
      <Container>
        <ColumnLayout columns={2}>
          <FormField label="Instance name" description="The pipeline's name: extracts and staging tables carry it.">
            <Input value={name} readOnly />
          </FormField>
          <FormField label="Web port" description={described('Given when the console is started: `--port`.')}>
            <Input value={location.port === '' ? 'the usual one' : location.port} readOnly />
          </FormField>
          <FormField label="Icon text" description="Two characters at most.">
            <Input
              value={text}
              onChange={({ detail }) => setText(shortened(detail.value))}
              disabled={isReadOnly}
              autoComplete={false}
            />
          </FormField>
          <FormField
            label="Icon colour"
            secondaryControl={<img {...iconOf({ name, iconText: text, iconColor: color })} />}
          >
            <Select
              selectedOption={options.find(({ value }) => value === color) ?? null}
              options={options}
              onChange={({ detail }) => setColor(detail.selectedOption.value ?? color)}
              disabled={isReadOnly}
            />
          </FormField>
        </ColumnLayout>
        {save.problem === null ? null : <ProblemAlert problem={save.problem} />}
      </Container>
    </Form>
  );
}
