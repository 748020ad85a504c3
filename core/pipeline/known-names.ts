import * as z from 'zod';
import type { ConfigurationPath } from './configuration-text.ts';

/** The part of JSON Schema that settings use. */
export interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly (string | number | boolean | null)[];
  readonly const?: string | number | boolean | null;
  readonly pattern?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

/** A schema of settings as JSON Schema: as they are written, before defaults. */
export function schemaNode(schema: z.ZodType): SchemaNode {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as SchemaNode;
}

/** All names that a mapping at `path` may hold. */
export function namesAt(node: SchemaNode, path: ConfigurationPath): readonly string[] {
  const [step, ...rest] = path;
  const branches = alternatives(node);
  if (step === undefined) return [...new Set(branches.flatMap((branch) => Object.keys(branch.properties ?? {})))];
  const next = branches.flatMap((branch) => childOf(branch, step));
  return [...new Set(next.flatMap((child) => namesAt(child, rest)))];
}

/** The node itself, or the alternatives that it consists of. */
export function alternatives(node: SchemaNode): readonly SchemaNode[] {
  const parts = node.anyOf ?? node.oneOf;
  return parts === undefined ? [node] : parts.flatMap((part) => alternatives(part));
}

function childOf(node: SchemaNode, step: string | number): SchemaNode[] {
  if (typeof step === 'number') return node.items === undefined ? [] : [node.items];
  const child = node.properties?.[step];
  if (child !== undefined) return [child];
  return typeof node.additionalProperties === 'object' ? [node.additionalProperties] : [];
}
