import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs, { type KeyValuePairsProps } from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactElement, ReactNode } from 'react';
import { useLocation } from 'wouter';

interface Properties {
  readonly title: string;
  readonly description?: ReactNode;
  /** Where it is set up, and what that is called. */
  readonly setUp?: { readonly href: string; readonly label: string };
  readonly pairs: readonly KeyValuePairsProps.Pair[];
  readonly children?: ReactNode;
}

/** A card of the dashboard: facts, and the gear that leads to their set-up. */
export function Card({ title, description, setUp, pairs, children }: Properties): ReactElement {
  const [, navigate] = useLocation();
  const gear =
    setUp === undefined ? null : (
      <Button
        iconName="settings"
        variant="icon"
        ariaLabel={setUp.label}
        href={setUp.href}
        onFollow={(event) => {
          event.preventDefault();
          navigate(setUp.href);
        }}
      />
    );
  return (
    <Container
      fitHeight
      header={
        <Header variant="h2" description={description} actions={gear}>
          {title}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <KeyValuePairs columns={2} items={pairs} />
        {children}
      </SpaceBetween>
    </Container>
  );
}
