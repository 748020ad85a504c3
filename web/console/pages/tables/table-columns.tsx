import Box from '@cloudscape-design/components/box';
import Checkbox from '@cloudscape-design/components/checkbox';
import Link from '@cloudscape-design/components/link';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { TableProps } from '@cloudscape-design/components/table';
import type { TableRow } from '../../../api/schemas/tables.ts';
import { counted } from '../../words/numbers.ts';
import { chosenOf, withStep } from './edits.ts';
import type { BrowserProperties } from './table-browser.tsx';
import { TableStateText } from './table-state-text.tsx';
import { VerifiedText } from './verified-text.tsx';

/** The columns of the list view. */
export function tableColumns(properties: BrowserProperties): TableProps.ColumnDefinition<TableRow>[] {
  const { edits, onEdit, shown, onShow, isReadOnly } = properties;
  return [
    {
      id: 'replicated',
      header: 'Replicate',
      width: 110,
      cell: (row) => (
        <Checkbox
          checked={chosenOf(edits, row).selected}
          disabled={isReadOnly}
          ariaLabel={`Replicate ${row.id}`}
          onChange={({ detail }) => onEdit(withStep(edits, [row], { selected: detail.checked }))}
        />
      ),
    },
    {
      id: 'table',
      header: 'Table',
      isRowHeader: true,
      cell: (row) => (
        <>
          <Link
            variant={row.id === shown ? 'primary' : 'secondary'}
            ariaLabel={`Options of ${row.id}`}
            onFollow={() => onShow(row.id)}
          >
            {row.id}
          </Link>
          {edits.has(row.id) ? ' *' : ''}
          <Box variant="small" display="block">
            {row.estimatedRows === null ? null : `about ${counted(row.estimatedRows, 'row')}`}
          </Box>
          {row.atSource ? null : <StatusIndicator type="warning">Not at the source</StatusIndicator>}
        </>
      ),
    },
    {
      id: 'state',
      header: 'State',
      minWidth: 140,
      cell: (row) => (
        <>
          <TableStateText state={row.state} />
          <div>
            <VerifiedText verification={row.verification} />
          </div>
        </>
      ),
    },
  ];
}
