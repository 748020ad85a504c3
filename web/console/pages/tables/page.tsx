import Alert from '@cloudscape-design/components/alert';
import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Grid from '@cloudscape-design/components/grid';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState, type ReactElement } from 'react';
import { useConfiguration } from '../../api/instance-calls.ts';
import { useMayOperate } from '../../api/session.ts';
import type { PageProperties } from '../../frame/pages.ts';
import { Findings } from '../../problem/findings.tsx';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { counted } from '../../words/numbers.ts';
import type { Edits } from './edits.ts';
import { TableBrowser } from './table-browser.tsx';
import { TableOptionsPanel } from './table-options-panel.tsx';
import { useApplyEdits } from './apply-edits.ts';

const SIDES = [{ colspan: { default: 12, m: 6 } }, { colspan: { default: 12, m: 6 } }];
const NO_EDITS: Edits = new Map();

/** Which tables are replicated, and how. */
export default function TablesPage({ instance }: PageProperties): ReactElement {
  const configuration = useConfiguration(instance);
  const mayOperate = useMayOperate();
  const [edits, setEdits] = useState(NO_EDITS);
  const [shown, setShown] = useState<string | null>(null);
  /** Every list is read anew after a change that was applied. */
  const [round, setRound] = useState(0);
  const apply = useApplyEdits(instance, edits, () => {
    setEdits(NO_EDITS);
    setRound(round + 1);
    configuration.refresh();
  });
  const isReadOnly = !mayOperate || configuration.data?.writable !== true;
  const version = configuration.data?.version ?? null;
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description="Choose tables and set how each is replicated. Nothing is changed until you apply."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {edits.size === 0 ? null : <Badge color="blue">{counted(edits.size, 'table')} changed</Badge>}
              <Button disabled={edits.size === 0 || apply.isRunning} onClick={() => setEdits(NO_EDITS)}>
                Discard
              </Button>
              <Button
                variant="primary"
                disabled={edits.size === 0 || isReadOnly || version === null}
                loading={apply.isRunning}
                onClick={() => {
                  if (version !== null) apply.run(version);
                }}
              >
                Apply
              </Button>
            </SpaceBetween>
          }
        >
          Tables
        </Header>
      }
    >
      {configuration.data?.writable === false ? <DeployedTables /> : null}
      {/* Always there, so that it is told; it takes no room while there is nothing to tell. */}
      <div aria-live="polite">
        {apply.problem === null ? null : (
          <Box margin={{ bottom: 'l' }}>
            <ProblemAlert
              problem={apply.problem}
              {...(apply.problem.status === 409 ? { retry: configuration.refresh } : {})}
            />
          </Box>
        )}
        {apply.check === null ? null : (
          <Box margin={{ bottom: 'l' }}>
            <Findings {...apply.check} failed="Nothing was changed" passed="Worth knowing about the changes" />
          </Box>
        )}
      </div>
      <Grid gridDefinition={SIDES}>
        <TableBrowser
          instance={instance}
          round={round}
          edits={edits}
          onEdit={setEdits}
          shown={shown}
          onShow={setShown}
          isReadOnly={isReadOnly}
        />
        <div className="beside">
          <TableOptionsPanel
            instance={instance}
            round={round}
            table={shown}
            edits={edits}
            onEdit={setEdits}
            isReadOnly={isReadOnly}
            isPolled={configuration.data?.sections.source.value?.['extractType'] === 'timestamps'}
          />
        </div>
      </Grid>
    </ContentLayout>
  );
}

function DeployedTables(): ReactElement {
  return (
    <Box margin={{ bottom: 'l' }}>
      <Alert type="info">
        The tables are deployed with the configuration: they are chosen and set there, and only these are listed here.
      </Alert>
    </Box>
  );
}
