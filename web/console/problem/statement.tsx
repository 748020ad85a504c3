import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactElement } from 'react';

/** What the user runs elsewhere, such as the SQL that mends a finding: as it is, with a button that copies it. */
export function Statement({ text }: { text: string }): ReactElement {
  return (
    <SpaceBetween size="xxs">
      <pre className="statement" tabIndex={0} aria-label="Statement">
        {text}
      </pre>
      <CopyToClipboard
        copyButtonText="Copy"
        copySuccessText="Copied"
        copyErrorText="This browser refused to copy: mark the text instead"
        textToCopy={text}
      />
    </SpaceBetween>
  );
}
