import Box from '@cloudscape-design/components/box';
import Checkbox from '@cloudscape-design/components/checkbox';
import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import type { ReactElement } from 'react';
import type { TableColumn, TableOptions } from '../../../api/schemas/tables.ts';
import { keyColumns, withKeyColumn } from './key-choice.ts';
import { TypeChangeHelp, TypeChangeInput } from './type-change-input.tsx';

interface Properties {
  readonly columns: readonly TableColumn[];
  /** Columns of the table's primary key; null: it has none. */
  readonly ownKey: readonly string[] | null;
  readonly options: TableOptions;
  readonly onChange: (options: Partial<TableOptions>) => void;
  readonly isReadOnly: boolean;
}

/** Primary key, masks and type changes, column by column. */
export function ColumnTable({ columns, ownKey, options, onChange, isReadOnly }: Properties): ReactElement {
  const key = keyColumns(options.key, ownKey);
  const names = columns.map((column) => column.name);
  const isMasked = (column: TableColumn) => options.mask.includes(column.name);
  const changeType = (name: string, text: string | null) => {
    const others = Object.entries(options.typeChange).filter(([column]) => column !== name);
    onChange({ typeChange: Object.fromEntries(text === null ? others : [...others, [name, text]]) });
  };
  return (
    <Table
      variant="embedded"
      items={columns}
      trackBy="name"
      enableKeyboardNavigation
      ariaLabels={{ tableLabel: 'Columns' }}
      header={
        <Header variant="h3" info={<TypeChangeHelp />}>
          Primary key, masks and type changes
        </Header>
      }
      empty={<Box textAlign="center">The table has no columns that can be replicated.</Box>}
      columnDefinitions={[
        {
          id: 'column',
          header: 'Column',
          isRowHeader: true,
          cell: (column) => (
            <>
              {column.name}
              <Box variant="small" display="block">
                {column.sourceType}
                {column.nullable ? '' : ', not null'}
              </Box>
            </>
          ),
        },
        {
          id: 'key',
          header: 'PKey',
          cell: (column) => (
            <Checkbox
              checked={key.includes(column.name)}
              disabled={isReadOnly || isMasked(column)}
              ariaLabel={`${column.name} is in the key`}
              onChange={({ detail }) =>
                onChange({ key: withKeyColumn(key, ownKey, names, column.name, detail.checked) })
              }
            />
          ),
        },
        {
          id: 'mask',
          header: 'Mask',
          cell: (column) => (
            <Checkbox
              checked={isMasked(column)}
              disabled={isReadOnly || key.includes(column.name)}
              ariaLabel={`Mask ${column.name}`}
              onChange={({ detail }) =>
                onChange({
                  mask: names.filter((name) => (name === column.name ? detail.checked : options.mask.includes(name))),
                })
              }
            />
          ),
        },
        {
          id: 'type',
          header: 'TChange',
          cell: (column) => (
            <TypeChangeInput
              column={column.name}
              type={column.type}
              text={options.typeChange[column.name]}
              disabled={isReadOnly || isMasked(column)}
              onChange={(text) => changeType(column.name, text)}
            />
          ),
        },
      ]}
    />
  );
}
