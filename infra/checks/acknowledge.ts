import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Says why a rule of cdk-nag is not kept here. The reason stands beside the construct, and a test finds those without one. */
export function acknowledge(construct: IConstruct, rule: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: rule, reason });
}

/**
 * Says why policies under `construct` hold these wildcards, and lets no others through: cdk-nag wants each by itself.
 * `resources`: ARNs with a `*`, tokens included. `actions`: such as `kms:GenerateDataKey*`.
 */
export function acknowledgeWildcards(
  construct: IConstruct,
  { resources = [], actions = [] }: { readonly resources?: readonly string[]; readonly actions?: readonly string[] },
  reason: string,
): void {
  const stack = Stack.of(construct);
  const findings = [
    ...resources.map((resource) => `Resource::${flattened(stack.resolve(resource))}`),
    ...actions.map((action) => `Action::${action}`),
  ];
  for (const finding of findings) acknowledge(construct, `AwsSolutions-IAM5[${finding}]`, reason);
}

/** A resolved token as cdk-nag writes it: `arn:<AWS::Partition>:s3:::<Bucket83908E77>/*`. */
function flattened(resolved: unknown): string {
  if (typeof resolved === 'string') return resolved;
  if (typeof resolved !== 'object' || resolved === null) return JSON.stringify(resolved);
  const node = resolved as Readonly<Record<string, unknown>>;
  const join = node['Fn::Join'];
  if (Array.isArray(join) && Array.isArray(join[1])) return join[1].map(flattened).join(String(join[0]));
  const attribute = node['Fn::GetAtt'];
  if (Array.isArray(attribute)) return `<${attribute.map(flattened).join('.')}>`;
  if ('Fn::ImportValue' in node) return flattened(node['Fn::ImportValue']);
  if ('Ref' in node) return `<${flattened(node['Ref'])}>`;
  return JSON.stringify(resolved);
}
