import Box from '@cloudscape-design/components/box';
import CollectionPreferences from '@cloudscape-design/components/collection-preferences';
import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import type { ReactElement, ReactNode } from 'react';
import { useHiddenColumns } from './hidden-columns.ts';
import { REPORTS, type ReportColumn, type ReportKind } from './report-kinds.ts';

interface Properties<Row> {
  readonly kind: ReportKind;
  readonly columns: readonly ReportColumn<Row>[];
  readonly rows: readonly Row[] | null;
  readonly idOf: (row: Row) => string;
  readonly zone: string;
  readonly actions: ReactNode;
  readonly pagination?: ReactNode;
}

/** A report with the columns that the user left on. The first one names the row: it stays. */
export function ReportTable<Row>(properties: Properties<Row>): ReactElement {
  const { kind, columns, rows, idOf, zone } = properties;
  const [hidden, hide] = useHiddenColumns(kind);
  const shown = columns.filter(({ id }, index) => index === 0 || !hidden.has(id));
  const title = REPORTS.find((report) => report.kind === kind)?.title ?? '';
  return (
    <Table
      items={rows ?? []}
      trackBy={idOf}
      loading={rows === null}
      loadingText="Reading the report"
      ariaLabels={{ tableLabel: title }}
      enableKeyboardNavigation
      stickyColumns={{ first: 1 }}
      columnDefinitions={shown.map(({ id, header, isNumber, text }, index) => ({
        ...{ id, isRowHeader: index === 0 },
        // Above its numbers.
        header: isNumber ? (
          <Box textAlign="right" color="inherit" fontWeight="bold">
            {header}
          </Box>
        ) : (
          header
        ),
        cell: (row: Row) => (isNumber ? <Box textAlign="right">{text(row, zone)}</Box> : text(row, zone)),
      }))}
      empty={<Box textAlign="center">Nothing ran in this time.</Box>}
      header={
        <Header variant="h2" actions={properties.actions} description={`Days and times in ${zone}`}>
          {title}
        </Header>
      }
      pagination={properties.pagination}
      preferences={
        <CollectionPreferences
          title="Modify"
          confirmLabel="Apply"
          cancelLabel="Cancel"
          preferences={{ visibleContent: shown.map(({ id }) => id) }}
          visibleContentPreference={{
            title: 'Columns of this report',
            options: [
              {
                label: 'Shown',
                options: columns.map(({ id, header }, index) => ({ id, label: header, editable: index > 0 })),
              },
            ],
          }}
          onConfirm={({ detail }) => {
            const kept = new Set(detail.visibleContent);
            hide(columns.map(({ id }) => id).filter((id) => !kept.has(id)));
          }}
        />
      }
    />
  );
}
