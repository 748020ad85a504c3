import Popover from '@cloudscape-design/components/popover';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { ReactElement } from 'react';
import type { TableState } from '../../../api/schemas/tables.ts';
import { Remedy } from '../../problem/remedy.tsx';

/** Where a chosen table stands. */
export function TableStateText({ state }: { state: TableState | null }): ReactElement {
  switch (state?.tag) {
    case undefined:
      return <>–</>;
    case 'new':
      return <StatusIndicator type="pending">To be copied</StatusIndicator>;
    case 'copying':
      return <StatusIndicator type="in-progress">Being copied</StatusIndicator>;
    case 'following':
      return <StatusIndicator type="success">Following</StatusIndicator>;
    case 'stopped':
      return (
        <Popover
          header={state.code}
          size="large"
          dismissAriaLabel="Close"
          content={
            <>
              <div>{state.message}</div>
              <Remedy text={state.remedy} />
            </>
          }
        >
          <StatusIndicator type="error">Stopped</StatusIndicator>
        </Popover>
      );
  }
}
