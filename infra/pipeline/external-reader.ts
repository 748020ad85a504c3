import { CfnOutput } from 'aws-cdk-lib';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../checks/acknowledge.ts';
import type { PipelineNames } from './names.ts';
import { workloadStatements } from './permissions.ts';
import type { ResourceArns } from './resource-arns.ts';
import { policyOf, wildcards } from './role.ts';

/**
 * What a reader on premises needs: a policy for its principal (best a role of IAM Roles Anywhere, else a user) and the environment
 * that ECS would have given it. Its copy workers are the same image with the job `copy` and PENSTOCK_OPERATION, the execution's name.
 */
export function externalReader(
  scope: Construct,
  names: PipelineNames,
  arns: ResourceArns,
  environment: Readonly<Record<string, string>>,
): void {
  const statements = workloadStatements('external', arns);
  const policy = new ManagedPolicy(scope, 'ExternalReaderPolicy', {
    managedPolicyName: names.externalPolicy,
    description: `Penstock ${names.pipeline}: a reader and its copy workers outside of AWS`,
    document: policyOf(statements),
  });
  acknowledgeWildcards(
    policy,
    { resources: wildcards(statements) },
    "Objects get their names later: * stands only behind the pipeline's own prefix.",
  );
  new CfnOutput(scope, 'ExternalReaderPolicyArn', {
    value: policy.managedPolicyArn,
    description: 'Attach it to the principal of the reader on premises',
  });
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  new CfnOutput(scope, 'ExternalReaderEnvironment', {
    value: lines.join(' '),
    description: 'Environment of the reader on premises, besides AWS_REGION and its credentials',
  });
}
