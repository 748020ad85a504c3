import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import type { ReactElement } from 'react';
import type { TableDetail } from '../../../api/schemas/tables.ts';
import { call } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import { Loading } from '../../frame/page-outlet.tsx';
import { ProblemAlert } from '../../problem/problem-alert.tsx';
import { ColumnTable } from './column-table.tsx';
import { chosenOf, withStep, type Edits } from './edits.ts';
import { ListProblem } from './list-problem.tsx';
import { OptionFields } from './option-fields.tsx';
import { StructureFields } from './structure-fields.tsx';
import { VerificationFacts } from './verification-facts.tsx';

interface Properties {
  readonly instance: string;
  readonly round: number;
  /** Null: none was chosen yet. */
  readonly table: string | null;
  readonly edits: Edits;
  readonly onEdit: (edits: Edits) => void;
  readonly isReadOnly: boolean;
  /** Tables are polled by a column: extract type timestamps. */
  readonly isPolled: boolean;
}

/** The options of one table. */
export function TableOptionsPanel(properties: Properties): ReactElement {
  const { instance, round, table } = properties;
  const detail = useResource(table === null ? null : `${instance} table ${round} ${table}`, (signal) =>
    call('GET /instances/{name}/tables/{table}', { parameters: { name: instance, table: table ?? '' }, signal }),
  );
  if (table === null) {
    return (
      <Container header={<Header variant="h2">Options</Header>}>
        <Box color="text-body-secondary">Choose a table by its name to see and set its options.</Box>
      </Container>
    );
  }
  return (
    <Container header={<Header variant="h2">{table}</Header>}>
      {detail.data !== null ? (
        <Options {...properties} detail={detail.data} />
      ) : detail.problem === null ? (
        <Loading />
      ) : (
        <ProblemAlert problem={detail.problem} retry={detail.refresh} />
      )}
    </Container>
  );
}

function Options({
  detail,
  edits,
  onEdit,
  isReadOnly,
  isPolled,
}: Properties & { readonly detail: TableDetail }): ReactElement {
  const { selected, options } = chosenOf(edits, detail);
  const columns = detail.columns ?? [];
  const change = (changed: Partial<typeof options>) => onEdit(withStep(edits, [detail], { options: changed }));
  return (
    <SpaceBetween size="m">
      <ListProblem failure={detail.problem} />
      <Toggle
        checked={selected}
        disabled={isReadOnly}
        onChange={({ detail: event }) => onEdit(withStep(edits, [detail], { selected: event.checked }))}
      >
        Replicate this table
      </Toggle>
      <OptionFields
        options={options}
        columns={columns.map((column) => column.name)}
        onChange={change}
        isReadOnly={isReadOnly}
        isPolled={isPolled}
      />
      <StructureFields
        structure={options.structure}
        onChange={(structure) => change({ structure })}
        isReadOnly={isReadOnly}
      />
      {detail.selected ? <VerificationFacts verification={detail.verification} /> : null}
      {detail.columns === null ? null : (
        <ColumnTable
          columns={columns}
          ownKey={detail.key}
          options={options}
          onChange={change}
          isReadOnly={isReadOnly}
        />
      )}
    </SpaceBetween>
  );
}
