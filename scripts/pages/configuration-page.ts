import { alternatives, type SchemaNode } from '../../core/pipeline/known-names.ts';
import { fileSchema, type Sections } from '../../core/pipeline/sections.ts';

/** The reference of the configuration file, from the schemas that it is checked by. */
export function configurationPage(sections: Sections): string {
  const destinations = Object.keys(sections.destinations);
  const root = fileSchema(sections, sections.sources[0]?.type, destinations[0]);
  const { destination, tables, ...rest } = root.properties ?? {};
  const top = Object.entries(rest).filter(([name, node]) => name !== 'source' && !isGroup(node));
  const groups = Object.entries(rest).filter(([name, node]) => name !== 'source' && isGroup(node));
  const parts = [
    `# The configuration file

Made by \`npm run docs\` from the schemas that the file is checked by. [examples/penstock.yaml](../examples/penstock.yaml) is a file to begin with.

The file is YAML 1.2. Unknown names are refused, and every problem is reported at once, with its line and its path.
Paths of files are relative to the configuration file. A setting without a default must be given.

## Top`,
    settingsTable(top, root.required),
    ...families(sections).flatMap((kinds) => sourceTables(sections, kinds)),
    ...destinations.flatMap((type) => {
      const node = fileSchema(sections, undefined, type).properties?.['destination'] ?? destination ?? {};
      return [`## destination (\`type: ${type}\`)`, ...nodeTables(node)];
    }),
    '## tables\n\nA list; one entry for each table.',
    ...nodeTables(tables?.items ?? {}),
    ...groups.flatMap(([name, node]) => [`## ${name}`, node.description ?? '', ...kindTables(name, node)]),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

type Kinds = Sections['sources'];

/** Kinds whose names begin with that of another are described with it: one folder serves them. */
function families({ sources }: Sections): Kinds[] {
  const first = sources.filter(({ type }) => !sources.some((other) => isVariant(type, other.type)));
  return first.map((kind) => [kind, ...sources.filter(({ type }) => isVariant(type, kind.type))]);
}

function isVariant(type: string, of: string): boolean {
  return type !== of && type.startsWith(of) && /^[A-Z0-9]/.test(type.slice(of.length));
}

function sourceTables(sections: Sections, kinds: Kinds): string[] {
  const nodes = kinds.map(({ type }) => fileSchema(sections, type, null).properties?.['source'] ?? {});
  const [first] = kinds;
  const [node = {}, ...others] = nodes;
  if (first === undefined) return [];
  if (others.length === 0) return [`## source: ${first.label} (\`type: ${first.type}\`)`, ...nodeTables(node)];
  const rows = kinds.map(({ type, label }, index) => {
    const { extractType } = nodes[index]?.properties ?? {};
    return `| \`${type}\` | ${label} | ${(extractType?.enum ?? []).map((value) => `\`${String(value)}\``).join(', ')} |`;
  });
  const head = '| `type` | Name | `extractType`; the first is the default |\n|---|---|---|';
  return [`## source: ${first.label}`, `${head}\n${rows.join('\n')}`, ...nodeTables(joined(kinds, nodes))];
}

/** The settings of several kinds at once: each says which have it, where not all do. */
function joined(kinds: Kinds, nodes: readonly SchemaNode[]): SchemaNode {
  const names = [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))];
  const properties = names.flatMap((name) => {
    const having = kinds.filter((_, index) => nodes[index]?.properties?.[name] !== undefined);
    const node = nodes.map((one) => one.properties?.[name]).find((one) => one !== undefined);
    if (node === undefined) return [];
    if (name === 'type') return [[name, { enum: kinds.map(({ type }) => type), description: 'As above.' }] as const];
    if (name !== 'extractType' && having.length === kinds.length) return [[name, node] as const];
    const only = `Only \`type\` ${having.map(({ type }) => `\`${type}\``).join(', ')}.`;
    const description = name === 'extractType' ? (node.description ?? '') : `${node.description ?? ''} ${only}`;
    const { default: fallback, ...rest } = node;
    return [
      [
        name,
        { ...rest, ...(name === 'extractType' || fallback === undefined ? {} : { default: fallback }), description },
      ] as const,
    ];
  });
  return {
    properties: Object.fromEntries(properties),
    required: [...new Set(nodes.flatMap((node) => node.required ?? []))],
  };
}

function isGroup(node: SchemaNode): boolean {
  return alternatives(node).every((kind) => kind.properties !== undefined);
}

/** The tables of a section; each kind that it may be of has its own. */
function kindTables(name: string, node: SchemaNode): string[] {
  const kinds = alternatives(node);
  if (kinds.length === 1) return nodeTables(node);
  return kinds.flatMap((kind) => {
    const type = kind.properties?.['type']?.const;
    const isDefault = (node.default as { type?: unknown } | undefined)?.type === type;
    return [`### ${name} (\`type: ${String(type)}\`${isDefault ? ', the default' : ''})`, ...nodeTables(kind, '####')];
  });
}

function nodeTables(node: SchemaNode, heading = '###'): string[] {
  const entries = Object.entries(node.properties ?? {});
  const inner = entries.flatMap(([name, child]) =>
    child.properties === undefined || name === 'password' || name === 'tls'
      ? []
      : [`${heading} ${name}`, settingsTable(Object.entries(child.properties), child.required)],
  );
  return [settingsTable(entries, node.required), ...inner];
}

function settingsTable(entries: readonly (readonly [string, SchemaNode])[], required: readonly string[] = []): string {
  const rows = entries.map(([name, node]) => {
    const description = node.description ?? '';
    return `| \`${name}\` | ${cell(typeText(node))} | ${cell(defaultText(node, required.includes(name)))} | ${cell(description)} |`;
  });
  return `| Setting | Value | Default | Meaning |\n|---|---|---|---|\n${rows.join('\n')}`;
}

function defaultText(node: SchemaNode, isRequired: boolean): string {
  if (node.default !== undefined && node.properties === undefined) {
    return node.default === null ? 'none' : `\`${JSON.stringify(node.default).replaceAll('"', '')}\``;
  }
  return isRequired ? '**must be given**' : '';
}

function typeText(node: SchemaNode): string {
  const parts = alternatives(node).map(oneType);
  return [...new Set(parts.filter((part) => part !== 'null'))].join(' or ');
}

/** A mapping with more names gets a table of its own. */
const MOST_NAMES = 3;

function oneType(node: SchemaNode): string {
  if (node.const !== undefined) return `\`${String(node.const)}\``;
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (Object.keys(node.properties ?? {}).length > MOST_NAMES) return 'mapping, see below';
  if (node.properties !== undefined) return `\`{ ${Object.keys(node.properties).join(', ')} }\``;
  const names = (typeof node.type === 'string' ? [node.type] : (node.type ?? [])).filter((name) => name !== 'null');
  return names.length === 0 && node.type !== undefined
    ? 'null'
    : names.map((name) => scalarType(name, node)).join(' or ');
}

function scalarType(name: string, node: SchemaNode): string {
  switch (name) {
    case 'string':
      return node.format === 'date' ? 'date' : 'text';
    case 'integer':
    case 'number':
      return `${name === 'integer' ? 'whole number' : 'number'}${rangeText(node)}`;
    case 'boolean':
      return 'true, false';
    case 'array':
      return `list of ${node.items === undefined ? 'values' : typeText(node.items)}`;
    case 'object':
      return 'mapping';
    default:
      return name;
  }
}

function rangeText({ minimum, exclusiveMinimum, maximum }: SchemaNode): string {
  const most = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? null : maximum;
  if (exclusiveMinimum !== undefined && most === null) return ` > ${exclusiveMinimum}`;
  if (minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER) return most === null ? '' : ` ≤ ${most}`;
  return most === null ? ` ≥ ${minimum}` : ` ${minimum} to ${most}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
