import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal, type IRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../checks/acknowledge.ts';
import type { Statement } from './permissions.ts';

/**
 * A role with these statements and no others: constructs that would add to it are not let to. The policy is part of the role,
 * so that nothing starts between the two. `why`: why some of its resources are wildcards; null: none is.
 */
export function exactRole(
  scope: Construct,
  id: string,
  role: {
    readonly service: string;
    readonly description: string;
    readonly statements: readonly Statement[];
    readonly why: string | null;
  },
): { readonly full: Role; readonly role: IRole } {
  const full = new Role(scope, id, {
    assumedBy: new ServicePrincipal(role.service),
    description: role.description,
    inlinePolicies: { permissions: policyOf(role.statements) },
  });
  if (role.why !== null) acknowledgeWildcards(full, { resources: wildcards(role.statements) }, role.why);
  return { full, role: full.withoutPolicyUpdates() };
}

export function policyOf(statements: readonly Statement[]): PolicyDocument {
  return new PolicyDocument({
    statements: statements.map(
      ({ effect, actions, resources, conditions }) =>
        new PolicyStatement({
          effect: Effect[effect === 'Allow' ? 'ALLOW' : 'DENY'],
          actions: [...actions],
          resources: [...resources],
          ...(conditions === undefined ? {} : { conditions }),
        }),
    ),
  });
}

/** The resources with a `*`, each once. */
export function wildcards(statements: readonly Statement[]): string[] {
  return [...new Set(statements.flatMap(({ resources }) => resources.filter((resource) => resource.includes('*'))))];
}
