import Alert from '@cloudscape-design/components/alert';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { ReactElement } from 'react';
import type { Verification } from '../../../api/schemas/tables.ts';
import { Moment } from '../../words/moment.tsx';
import { wholeNumber } from '../../words/numbers.ts';
import { VERDICTS } from '../../words/verdicts.ts';

/** What the last verification of a table found: where, when, how many rows, and what differs. */
export function VerificationFacts({ verification }: { verification: Verification | null }): ReactElement {
  return (
    <ExpandableSection
      headerText="Verification"
      variant="footer"
      defaultExpanded={verification?.verdict === 'different'}
    >
      {verification === null ? (
        'Never verified. The operation Verify compares it with the source, row by row.'
      ) : (
        <Facts verification={verification} />
      )}
    </ExpandableSection>
  );
}

function Facts({ verification }: { verification: Verification }): ReactElement {
  const { verdict, position, at, rows, destinationRows, differing, unsettled, repaired, columns } = verification;
  const { differsSince, stale } = verification;
  const { type, text } = VERDICTS[verdict];
  return (
    <SpaceBetween size="s">
      {stale === null ? null : <Alert type="info">It says nothing of the table as it is now: {stale}.</Alert>}
      <KeyValuePairs
        columns={2}
        items={[
          { label: 'Verdict', value: <StatusIndicator type={type}>{text}</StatusIndicator> },
          { label: 'Verified', value: <Moment at={at} /> },
          { label: 'Position in the log', value: position },
          { label: 'Rows at the source that fit', value: wholeNumber(rows) },
          {
            label: 'Rows at the destination',
            value: destinationRows === null ? '–' : wholeNumber(destinationRows),
          },
          { label: 'Rows that differ', value: wholeNumber(differing) },
          { label: 'Unsettled rows', value: wholeNumber(unsettled) },
          { label: 'Repaired rows', value: wholeNumber(repaired) },
          { label: 'Columns that differ', value: columns.length === 0 ? '–' : columns.join(', ') },
          ...(differsSince === null ? [] : [{ label: 'Differs since', value: <Moment at={differsSince} /> }]),
        ]}
      />
    </SpaceBetween>
  );
}
