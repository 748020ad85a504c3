import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState, type ReactElement } from 'react';
import type { Instance } from '../../../api/schemas/instances.ts';
import { call } from '../../api/client.ts';
import { useAction } from '../../api/use-action.ts';
import { ProblemAlert } from '../../problem/problem-alert.tsx';

const NAME = /^[a-z0-9-]{1,40}$/;

/** Makes an instance, empty and switched off. */
export function NewInstance({ onMade }: { onMade: (instance: Instance) => void }): ReactElement {
  const [name, setName] = useState('');
  const [isJudged, setIsJudged] = useState(false);
  const make = useAction(async (signal) => {
    onMade(await call('POST /instances', { body: { name }, signal }));
  });
  const errorText = isJudged && !NAME.test(name) ? '1 to 40 of a-z, 0-9 and -' : null;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setIsJudged(true);
        if (NAME.test(name)) make.run();
      }}
    >
      <Form>
        <Container
          header={<Header variant="h2">New instance</Header>}
          footer={
            <Button variant="primary" formAction="submit" loading={make.isRunning}>
              Create
            </Button>
          }
        >
          <SpaceBetween size="m">
            {make.problem === null ? null : <ProblemAlert problem={make.problem} />}
            <FormField
              label="Name"
              description="Part of the names of files, slots and ledgers: it stays as it is."
              constraintText="1 to 40 of a-z, 0-9 and -"
              errorText={errorText}
            >
              <Input
                value={name}
                onChange={({ detail }) => setName(detail.value)}
                placeholder="orders-to-singlestore"
                autoComplete={false}
                spellcheck={false}
              />
            </FormField>
          </SpaceBetween>
        </Container>
      </Form>
    </form>
  );
}
