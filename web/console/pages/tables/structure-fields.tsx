import ExpandableSection from '@cloudscape-design/components/expandable-section';
import type { ReactElement } from 'react';
import { useConfigurationSchemas } from '../../api/instance-calls.ts';
import { draftOf, valueOf } from '../../forms/draft.ts';
import { fieldsOf, type JsonSchema } from '../../forms/field.ts';
import { SettingsFields } from '../../forms/settings-fields.tsx';

interface Properties {
  /** Null: as the pipeline's policy says. */
  readonly structure: Readonly<Record<string, string>> | null;
  readonly onChange: (structure: Record<string, string> | null) => void;
  readonly isReadOnly: boolean;
}

const NO_PROBLEMS: ReadonlyMap<string, string> = new Map();

/** What becomes of changes of one table's structure. The fields are those of the configuration's schema. */
export function StructureFields({ structure, onChange, isReadOnly }: Properties): ReactElement | null {
  const schemas = useConfigurationSchemas();
  const table = schemas.data?.table as JsonSchema | undefined;
  const fields = fieldsOf(table?.properties?.['structure'] ?? {});
  if (fields.length === 0) return null;
  return (
    <ExpandableSection headerText="Changes of its structure" variant="footer">
      <SettingsFields
        fields={fields}
        draft={draftOf(fields, structure ?? {})}
        onChange={(draft) => {
          const chosen = Object.entries(valueOf(fields, draft)).map(([name, value]) => [name, String(value)]);
          onChange(chosen.length === 0 ? null : (Object.fromEntries(chosen) as Record<string, string>));
        }}
        problems={NO_PROBLEMS}
        disabled={isReadOnly}
      />
    </ExpandableSection>
  );
}
