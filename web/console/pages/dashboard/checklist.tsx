import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import Steps from '@cloudscape-design/components/steps';
import type { ReactElement } from 'react';
import { useLocation } from 'wouter';
import type { ChecklistStep } from '../../../api/schemas/dashboard.ts';
import { PAGES } from '../../frame/pages.ts';
import { instancePath } from '../../frame/paths.ts';
import { FirstFullExtract } from './first-full-extract.tsx';

const STEPS: Readonly<Record<ChecklistStep['step'], { readonly title: string; readonly page: string }>> = {
  source: { title: 'Set up the source', page: '/source' },
  destination: { title: 'Set up the destination', page: '/destination' },
  tables: { title: 'Choose tables', page: '/tables' },
  schedule: { title: 'Set up the schedule', page: '/schedule' },
  'full-extract': { title: 'Run a full extract', page: '/operations' },
};

interface Properties {
  readonly instance: string;
  readonly steps: readonly ChecklistStep[];
  /** An operation is at work: none is started beside it. */
  readonly isBusy: boolean;
  readonly onStarted: () => void;
}

/** The steps that lead to a running replication. */
export function Checklist({ instance, steps, isBusy, onStarted }: Properties): ReactElement {
  const first = steps.find((step) => !step.done);
  return (
    <Container
      header={
        <Header variant="h2" description="These are the steps to get replication started.">
          Checklist
        </Header>
      }
    >
      <Steps
        ariaLabel="Checklist"
        orientation="horizontal"
        steps={steps.map((step) => ({
          status: step.done ? 'success' : step === first ? 'in-progress' : 'pending',
          statusIconAriaLabel: step.done ? 'Done' : 'To do',
          header: <StepLink instance={instance} step={step} />,
          details:
            step === first && step.step === 'full-extract' && !isBusy ? (
              <FirstFullExtract instance={instance} onStarted={onStarted} />
            ) : (
              step.detail
            ),
        }))}
      />
    </Container>
  );
}

function StepLink({ instance, step }: { instance: string; step: ChecklistStep }): ReactElement {
  const [, navigate] = useLocation();
  const { title, page } = STEPS[step.step];
  if (!PAGES.some((candidate) => candidate.path === page)) return <>{title}</>;
  const href = instancePath(instance, page);
  return (
    <Link
      href={href}
      onFollow={(event) => {
        event.preventDefault();
        navigate(href);
      }}
    >
      {title}
    </Link>
  );
}
