import Container from '@cloudscape-design/components/container';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import type { ReactElement } from 'react';
import { useSession } from '../../api/session.ts';
import { described } from '../../words/described.tsx';
import { elsewhereLines } from './elsewhere-lines.ts';

/** Settings of the vendor's product that are none here: where each one is set, or why there is nothing to set. */
export function Elsewhere(): ReactElement {
  const { host } = useSession();
  return (
    <Container>
      <KeyValuePairs
        columns={1}
        items={elsewhereLines(host).map(({ name, text }) => ({ label: name, value: described(text) }))}
      />
    </Container>
  );
}
