import Button from '@cloudscape-design/components/button';
import type { ReactElement, ReactNode } from 'react';
import { problemOf } from '../api/problem.ts';
import { requestFile, type Query } from '../api/request.ts';
import { useAction } from '../api/use-action.ts';
import { useNotify } from './notifications.tsx';

interface Properties {
  /** Of the API. */
  readonly path: string;
  readonly query: Query;
  readonly ariaLabel?: string;
  readonly children: ReactNode;
}

/** Has the browser keep a file of the API. Not a plain link: that would carry no token. */
export function DownloadButton({ path, query, ariaLabel, children }: Properties): ReactElement {
  const notify = useNotify();
  const download = useAction(async (signal) => {
    try {
      keep(await requestFile(path, query, signal));
    } catch (error) {
      if (signal.aborted) return;
      const { title, detail, remedy } = problemOf(error);
      notify({
        type: 'error',
        header: `The file did not come: ${title}`,
        content: [detail, remedy].filter(Boolean).join(' '),
      });
    }
  });
  return (
    <Button
      iconName="download"
      loading={download.isRunning}
      onClick={() => download.run()}
      {...(ariaLabel === undefined ? {} : { ariaLabel })}
    >
      {children}
    </Button>
  );
}

function keep({ name, content }: { readonly name: string; readonly content: Blob }): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser has taken hold of it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
