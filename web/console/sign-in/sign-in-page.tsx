import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { useLocation, useSearch } from 'wouter';
import { problemOf, type Problem } from '../api/problem.ts';
import { useAction } from '../api/use-action.ts';
import { Loading } from '../frame/page-outlet.tsx';
import { ProblemAlert } from '../problem/problem-alert.tsx';
import { beginSignIn, finishSignIn, SIGNED_IN_PATH } from './provider.ts';

interface Properties {
  /** Asks again who is signed in. */
  readonly onSignedIn: () => void;
}

/** Where nobody is signed in: the way to the provider, and back from it. */
export default function SignInPage({ onSignedIn }: Properties): ReactElement {
  const [location] = useLocation();
  const search = useSearch();
  const answer = location === SIGNED_IN_PATH ? search : '';
  return answer === '' ? (
    <Invitation returnTo={location === SIGNED_IN_PATH ? '/' : withSearch(location, search)} refused={null} />
  ) : (
    <Return answer={answer} onSignedIn={onSignedIn} />
  );
}

function Return({ answer, onSignedIn }: Properties & { readonly answer: string }): ReactElement {
  const [, navigate] = useLocation();
  const [refused, setRefused] = useState<Problem | null>(null);
  // The provider takes a code once, and React draws twice while developing.
  const isTaken = useRef(false);
  useEffect(() => {
    if (isTaken.current) return;
    isTaken.current = true;
    finishSignIn(new URLSearchParams(answer)).then(
      (returnTo) => {
        // The code does not stay in the browser's history.
        navigate(returnTo, { replace: true });
        onSignedIn();
      },
      (error: unknown) => setRefused(problemOf(error)),
    );
  }, [answer, navigate, onSignedIn]);
  return refused === null ? <Loading /> : <Invitation returnTo="/" refused={refused} />;
}

function Invitation({
  returnTo,
  refused,
}: {
  readonly returnTo: string;
  readonly refused: Problem | null;
}): ReactElement {
  const begin = useAction(() => beginSignIn(returnTo));
  const problem = begin.problem ?? refused;
  return (
    <Box margin={{ top: 'xxxl' }}>
      <Container header={<Header variant="h1">Sign in to Penstock</Header>}>
        <SpaceBetween size="m">
          {problem === null ? null : <ProblemAlert problem={problem} />}
          <Box variant="p">You sign in with the provider of this deployment, which then sends you back here.</Box>
          <Button variant="primary" loading={begin.isRunning} onClick={() => begin.run()}>
            Sign in
          </Button>
        </SpaceBetween>
      </Container>
    </Box>
  );
}

function withSearch(location: string, search: string): string {
  return search === '' ? location : `${location}?${search}`;
}
