import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

export interface AcknowledgedRule {
  readonly path: string;
  readonly rule: string;
  readonly reason: string;
}

/** What was acknowledged at this very construct. */
export function acknowledgedRules({ node }: IConstruct): AcknowledgedRule[] {
  return node.metadata
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap(({ data }) => Object.entries(data as Readonly<Record<string, string>>))
    .map(([rule, reason]) => ({ path: node.path, rule: rule.replace(/^annotation::/i, ''), reason }));
}
