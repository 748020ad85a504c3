import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { ReactElement } from 'react';
import type { Finding } from '../../api/schemas/values.ts';
import { counted } from '../words/numbers.ts';
import { Remedy } from './remedy.tsx';

const STATUS = { ok: 'success', warning: 'warning', error: 'error' } as const;
const SEVERITIES = ['error', 'warning', 'ok'] as const;

/** What a test found, the worst first, each with what mends it. */
export function Findings({ success, findings }: { success: boolean; findings: readonly Finding[] }): ReactElement {
  const sorted = SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
  const errors = findings.filter((finding) => finding.severity === 'error').length;
  return (
    <Alert
      type={success ? 'success' : 'error'}
      header={success ? 'The test passed' : `The test failed: ${counted(errors, 'problem')} to mend`}
    >
      <SpaceBetween size="s">
        {sorted.map((finding) => (
          <SpaceBetween key={`${finding.code} ${finding.message}`} size="xxs">
            <div>
              <StatusIndicator type={STATUS[finding.severity]} iconAriaLabel={finding.severity}>
                {finding.message}
              </StatusIndicator>{' '}
              <Box variant="small">{finding.code}</Box>
            </div>
            {finding.remedy === null ? null : <Remedy text={finding.remedy} />}
          </SpaceBetween>
        ))}
      </SpaceBetween>
    </Alert>
  );
}
