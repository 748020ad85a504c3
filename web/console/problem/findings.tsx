import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { ReactElement } from 'react';
import type { Finding, TestAnswer } from '../../api/schemas/values.ts';
import { counted } from '../words/numbers.ts';
import { remedyParts } from './remedy-parts.ts';
import { Remedy } from './remedy.tsx';
import { CopyText } from './statement.tsx';

const STATUS = { ok: 'success', warning: 'warning', error: 'error' } as const;
/** Ten thousand tables may have a finding each: the worst are shown, the others counted. */
const SHOWN = 30;
const SEVERITIES = ['error', 'warning', 'ok'] as const;

interface Properties extends TestAnswer {
  /** What it means that there are errors: `The test failed`. */
  readonly failed: string;
  readonly passed: string;
  /** Findings beside these that the answer does not list. */
  readonly more?: number;
}

/** What was found by looking, the worst first, each with what mends it. */
export function Findings({ success, findings, failed, passed, more = 0 }: Properties): ReactElement {
  const sorted = SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
  const errors = findings.filter((finding) => finding.severity === 'error').length;
  const hidden = Math.max(0, sorted.length - SHOWN) + more;
  const statements = [...new Set(sorted.flatMap((finding) => remedyParts(finding.remedy ?? '').statement ?? []))];
  return (
    <Alert
      type={success ? 'success' : 'error'}
      header={success ? passed : `${failed}: ${counted(errors, 'problem')} to mend`}
      action={
        statements.length < 2 ? null : (
          <CopyText text={statements.join('\n')} label={`Copy all ${statements.length} statements`} />
        )
      }
    >
      <SpaceBetween size="s">
        {sorted.slice(0, SHOWN).map((finding) => (
          <OneFinding key={`${finding.code} ${finding.message}`} finding={finding} />
        ))}
        {hidden === 0 ? null : (
          <Box>
            And {counted(hidden, 'other finding')} that {hidden === 1 ? 'is' : 'are'} not shown.
          </Box>
        )}
      </SpaceBetween>
    </Alert>
  );
}

function OneFinding({ finding }: { finding: Finding }): ReactElement {
  return (
    <SpaceBetween size="xxs">
      <div>
        <StatusIndicator type={STATUS[finding.severity]} iconAriaLabel={finding.severity} wrapText>
          {finding.message}
        </StatusIndicator>{' '}
        <Box variant="small">{finding.code}</Box>
      </div>
      {finding.remedy === null ? null : <Remedy text={finding.remedy} />}
    </SpaceBetween>
  );
}
