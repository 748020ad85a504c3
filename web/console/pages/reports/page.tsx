import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState, type ReactElement } from 'react';
import type { PageProperties } from '../../frame/pages.ts';
import { browserZone, dayIn } from '../../words/times.ts';
import { ReportChoice, type Choice } from './report-choice.tsx';
import { isOfDay } from './report-kinds.ts';
import { DayReport, MonthReport } from './reports.tsx';

/** What ran, how much it carried, and how long it took. */
export default function ReportsPage({ instance }: PageProperties): ReactElement {
  const zone = browserZone();
  const today = dayIn(zone, Date.now());
  const [choice, setChoice] = useState<Choice>({ kind: 'runs-month', day: today, table: null });
  const properties = { instance, choice, zone };
  // Another day or table begins with its first page.
  const key = JSON.stringify([choice.day, choice.table]);
  return (
    <ContentLayout
      header={
        <Header variant="h1" description="Each extract with its load is a run, and so is each full extract.">
          Reports
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Container>
          <ReportChoice instance={instance} choice={choice} onChange={setChoice} today={today} />
        </Container>
        {isOfDay(choice.kind) ? <DayReport key={key} {...properties} /> : <MonthReport key={key} {...properties} />}
      </SpaceBetween>
    </ContentLayout>
  );
}
