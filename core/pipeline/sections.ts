import type { z } from 'zod';
import type { SourceKind } from '../sources/source-definition.ts';
import { unknownValue, problemsOf, type KnownNames, type Problem } from './configuration-problem.ts';
import { configurationSchema, SOURCE_SHAPE } from './configuration-schema.ts';
import { namesAt, schemaNode, type SchemaNode } from './known-names.ts';
import type { DestinationSettings } from './settings.ts';

/** The sections whose settings are described where they are used. */
export interface Sections {
  readonly sources: readonly SourceKind<unknown>[];
  /** By `type`: the schema of the whole `destination` section. */
  readonly destinations: Readonly<Record<string, z.ZodType<DestinationSettings>>>;
}

/** The schema of a whole file with this kind of source and destination, for documentation and for suggestions. */
export function fileSchema(sections: Sections, sourceType: unknown, destinationType: unknown): SchemaNode {
  const root = schemaNode(configurationSchema);
  const source = root.properties?.['source'] ?? {};
  const definition = sections.sources.find((candidate) => candidate.type === sourceType);
  const specific: SchemaNode = definition === undefined ? {} : schemaNode(definition.settings);
  const destination = typeof destinationType === 'string' ? sections.destinations[destinationType] : undefined;
  return {
    ...root,
    properties: {
      ...root.properties,
      source: {
        ...source,
        properties: {
          ...source.properties,
          ...(definition === undefined
            ? {}
            : { type: { const: definition.type, description: `${definition.label}.` } }),
          ...specific.properties,
        },
        required: [...(source.required ?? []), ...(specific.required ?? [])],
      },
      destination: {
        ...root.properties?.['destination'],
        ...(destination === undefined ? {} : schemaNode(destination)),
      },
    },
  };
}

/** All names that the file may hold, given the kinds of source and destination that it has. */
export function knownNames(sections: Sections, value: unknown): KnownNames {
  const sourceType = section(value, 'source')?.['type'];
  const destinationType = section(value, 'destination')?.['type'];
  const schema = fileSchema(sections, sourceType, destinationType);
  return (path) => namesAt(schema, path);
}

/** The part of `source` that its own folder describes. */
export function parseSource(
  value: unknown,
  { sources }: Sections,
  known: KnownNames,
): { specific: unknown; problems: readonly Problem[] } {
  const given = section(value, 'source');
  const type = given?.['type'];
  if (given === null || typeof type !== 'string') return { specific: null, problems: [] };
  const definition = sources.find((candidate) => candidate.type === type);
  if (definition === undefined) {
    return {
      specific: null,
      problems: [
        unknownValue(
          ['source', 'type'],
          type,
          sources.map((candidate) => candidate.type),
        ),
      ],
    };
  }
  const own = Object.fromEntries(Object.entries(given).filter(([name]) => !Object.hasOwn(SOURCE_SHAPE, name)));
  const parsed = definition.settings.safeParse(own, { reportInput: true });
  if (parsed.success) return { specific: parsed.data, problems: [] };
  return { specific: null, problems: problemsOf(parsed.error, own, ['source'], known) };
}

export function parseDestination(
  value: unknown,
  { destinations }: Sections,
  known: KnownNames,
): { settings: DestinationSettings | null; problems: readonly Problem[] } {
  const given = section(value, 'destination');
  const type = given?.['type'];
  if (given === null || typeof type !== 'string') return { settings: null, problems: [] };
  const schema = Object.hasOwn(destinations, type) ? destinations[type] : undefined;
  if (schema === undefined) {
    return { settings: null, problems: [unknownValue(['destination', 'type'], type, Object.keys(destinations))] };
  }
  const parsed = schema.safeParse(given, { reportInput: true });
  if (parsed.success) return { settings: parsed.data, problems: [] };
  return { settings: null, problems: problemsOf(parsed.error, given, ['destination'], known) };
}

function section(value: unknown, name: 'source' | 'destination'): Readonly<Record<string, unknown>> | null {
  if (!isMapping(value)) return null;
  const found = value[name];
  return isMapping(found) ? found : null;
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
