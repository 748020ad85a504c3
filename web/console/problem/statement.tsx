import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import type { ReactElement } from 'react';

/** What the user runs elsewhere, such as the SQL that mends a finding: as it is, with a button that copies it. */
export function Statement({ text }: { text: string }): ReactElement {
  return (
    <div className="statement-row">
      <pre className="statement" tabIndex={0} aria-label="Statement">
        {text}
      </pre>
      <CopyText text={text} label="Copy" />
    </div>
  );
}

export function CopyText({ text, label }: { text: string; label: string }): ReactElement {
  return (
    <CopyToClipboard
      copyButtonText={label}
      copySuccessText="Copied"
      copyErrorText="This browser refused to copy: mark the text instead"
      textToCopy={text}
    />
  );
}
