import { SECTIONS } from '../../../core/pipeline/checked-settings.ts';
import type { SchemaNode } from '../../../core/pipeline/known-names.ts';
import { fileSchema } from '../../../core/pipeline/sections.ts';
import { SOURCE_KINDS } from '../../../core/sources/kinds.ts';
import type { ConfigurationSchemas, SectionValue } from '../schemas/configuration.ts';
import { withoutNames } from './without-names.ts';

/** Names of people for kinds of destination. */
const DESTINATION_LABELS: Readonly<Record<string, string>> = { singlestore: 'SingleStore' };

/** The schemas of all sections, as they are written. Passwords are not among them: they are given beside the value. */
export function configurationSchemasView(): ConfigurationSchemas {
  const root = fileSchema(SECTIONS, null, null);
  const part = (name: string): SectionValue => value(root.properties?.[name] ?? {});
  return {
    sources: SOURCE_KINDS.map(({ type, label }) => {
      const schema = fileSchema(SECTIONS, type, null).properties?.['source'] ?? {};
      return { type, label, schema: value(withoutPassword(schema)) };
    }),
    destinations: Object.keys(SECTIONS.destinations).map((type) => {
      const schema = fileSchema(SECTIONS, null, type).properties?.['destination'] ?? {};
      return { type, label: destinationLabel(type), schema: value(withoutPassword(schema)) };
    }),
    schedule: part('schedule'),
    history: part('history'),
    extracts: part('extracts'),
    structure: part('structure'),
    email: value(withoutPassword(root.properties?.['email'] ?? {})),
    aws: value(withoutPassword(root.properties?.['aws'] ?? {})),
    awsProxy: value(withoutPassword(root.properties?.['awsProxy'] ?? {})),
    policies: value({
      type: 'object',
      properties: Object.fromEntries(
        ['consistency', 'misfits'].flatMap((name) => {
          const schema = root.properties?.[name];
          return schema === undefined ? [] : [[name, schema]];
        }),
      ),
    }),
    table: value(root.properties?.['tables']?.items ?? {}),
  };
}

export function sourceLabel(type: string): string {
  return SOURCE_KINDS.find((source) => source.type === type)?.label ?? type;
}

/** How a kind of source is read where the file does not say. */
export function usualExtractType(type: string | null): string | null {
  const usual = fileSchema(SECTIONS, type, null).properties?.['source']?.properties?.['extractType']?.default;
  return typeof usual === 'string' ? usual : null;
}

export function destinationLabel(type: string): string {
  return DESTINATION_LABELS[type] ?? type;
}

function withoutPassword(node: SchemaNode): SchemaNode {
  const properties = withoutNames(node.properties ?? {}, ['password']);
  return { ...node, properties, required: (node.required ?? []).filter((name) => name !== 'password') };
}

/** Plain JSON: what a schema has beside (functions, symbols) is left out. */
function value(node: SchemaNode): SectionValue {
  return JSON.parse(JSON.stringify(node)) as SectionValue;
}
