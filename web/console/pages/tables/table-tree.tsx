import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import TreeView from '@cloudscape-design/components/tree-view';
import { useState, type ReactElement, type ReactNode } from 'react';
import type { SchemaList, TableRow } from '../../../api/schemas/tables.ts';
import { call } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import { Loading } from '../../frame/page-outlet.tsx';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { counted, wholeNumber } from '../../words/numbers.ts';
import { chosenOf, withStep } from './edits.ts';
import { ListProblem } from './list-problem.tsx';
import { useSchemaTables, type SchemaTables } from './schema-tables.ts';
import type { BrowserProperties, TableFilter } from './table-browser.tsx';
import { queryOf } from './table-calls.ts';

interface Properties extends BrowserProperties {
  readonly filter: TableFilter;
}

type SchemaCount = SchemaList['schemas'][number];

type Node =
  | { readonly tag: 'schema'; readonly count: SchemaCount }
  | { readonly tag: 'table'; readonly row: TableRow }
  | { readonly tag: 'more'; readonly count: SchemaCount; readonly tables: SchemaTables };

/** The tree view: schemas first; the tables of one when it is opened, a page at a time. */
export function TableTree(properties: Properties): ReactElement {
  const { instance, round, filter, edits, onEdit, shown, onShow, isReadOnly } = properties;
  const [expanded, setExpanded] = useState<readonly string[]>([]);
  const query = queryOf(filter);
  const schemas = useResource(`${instance} schemas ${round} ${JSON.stringify(query)}`, (signal) =>
    call('GET /instances/{name}/schemas', { parameters: { name: instance }, query, signal }),
  );
  const tables = useSchemaTables(instance, filter);
  if (schemas.data === null) {
    return schemas.problem === null ? <Loading /> : <ProblemAlert problem={schemas.problem} retry={schemas.refresh} />;
  }
  const { database, total } = schemas.data;
  const nodes = schemas.data.schemas.map((count): Node => ({ tag: 'schema', count }));
  return (
    <SpaceBetween size="s">
      <ListProblem failure={schemas.data.problem} />
      <Box variant="h3" tagOverride="h2">
        {database ?? 'Tables'}
      </Box>
      {nodes.length === 0 ? <Box>No table matches.</Box> : null}
      <TreeView
        ariaLabel={`Tables of ${database ?? 'the source'}`}
        items={nodes}
        getItemId={idOf}
        getItemChildren={(node) =>
          node.tag === 'schema' ? childrenOf(node.count, tables.of(node.count.schema)) : undefined
        }
        expandedItems={expanded}
        onItemToggle={({ detail }) => {
          if (detail.expanded && detail.item.tag === 'schema') tables.open(detail.item.count.schema);
          setExpanded(detail.expanded ? [...expanded, detail.id] : expanded.filter((id) => id !== detail.id));
        }}
        renderItem={(node) => ({ content: contentOf(node), announcementLabel: labelOf(node) })}
        i18nStrings={{
          expandButtonLabel: (node) => `Open ${labelOf(node)}`,
          collapseButtonLabel: (node) => `Close ${labelOf(node)}`,
        }}
      />
      <Box variant="small">{counted(total, 'table')}</Box>
    </SpaceBetween>
  );

  function contentOf(node: Node): ReactNode {
    switch (node.tag) {
      case 'schema':
        return `${node.count.schema} (${wholeNumber(node.count.selected)} of ${wholeNumber(node.count.tables)} replicated)`;
      case 'more':
        return <More {...node} onMore={() => tables.more(node.count.schema)} />;
      case 'table':
        return (
          <SpaceBetween direction="horizontal" size="xs">
            <Checkbox
              checked={chosenOf(edits, node.row).selected}
              disabled={isReadOnly}
              ariaLabel={`Replicate ${node.row.id}`}
              onChange={({ detail }) => onEdit(withStep(edits, [node.row], { selected: detail.checked }))}
            />
            <Link
              variant={node.row.id === shown ? 'primary' : 'secondary'}
              ariaLabel={`Options of ${node.row.id}`}
              onFollow={() => onShow(node.row.id)}
            >
              {node.row.name}
            </Link>
            {edits.has(node.row.id) ? '*' : null}
          </SpaceBetween>
        );
    }
  }
}

function childrenOf(count: SchemaCount, tables: SchemaTables): readonly Node[] {
  const rows = tables.rows.map((row): Node => ({ tag: 'table', row }));
  const isWhole = tables.next === null && !tables.isLoading && tables.problem === null && tables.isOpen;
  return isWhole ? rows : [...rows, { tag: 'more', count, tables }];
}

function idOf(node: Node): string {
  return node.tag === 'table' ? `table ${node.row.id}` : `${node.tag} ${node.count.schema}`;
}

function labelOf(node: Node): string {
  return node.tag === 'table' ? node.row.id : node.tag === 'schema' ? node.count.schema : 'more tables';
}

interface MoreProperties {
  readonly count: SchemaCount;
  readonly tables: SchemaTables;
  readonly onMore: () => void;
}

function More({ count, tables, onMore }: MoreProperties): ReactElement {
  if (tables.problem !== null) return <ProblemAlert problem={tables.problem} retry={onMore} />;
  if (tables.isLoading) return <Spinner />;
  return (
    <Button variant="inline-link" onClick={onMore}>
      More of the {counted(Math.max(0, count.tables - tables.rows.length), 'table')} that follow
    </Button>
  );
}
