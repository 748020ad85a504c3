import { AspectPriority, Aspects, CfnResource, TagManager, Tags, type IAspect } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Deployment } from './deployment/deployment.ts';

/** The tag `Pipeline` of what all pipelines share. */
export const SHARED = 'Shared';
/** Above CDK's own `Name` tags (100), which are the paths of constructs. */
const NAME_PRIORITY = 300;

/** The tags that every resource has, besides `Name`. */
export function tagsOf(deployment: Deployment, pipeline: string): Readonly<Record<string, string>> {
  const { application, environment, owner, costCentre, tags } = deployment;
  return {
    ...tags,
    Application: application,
    Environment: environment,
    Owner: owner,
    CostCentre: costCentre,
    Pipeline: pipeline,
  };
}

/** The tag `Name`, such as `SingleStoreIngest_BFS_EC2_Prod`. `type`: of CloudFormation, such as `AWS::EC2::VPC`. */
export function nameOf({ nameTag, application, environment }: Deployment, pipeline: string, type: string): string {
  const service = type.split('::')[1] ?? type;
  const values: Readonly<Record<string, string>> = { application, environment, pipeline, service };
  return nameTag.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** Tags everything under `scope` that CloudFormation can tag, also what other constructs add while templates are made. */
export function tagAll(scope: IConstruct, deployment: Deployment, pipeline: string): void {
  for (const [name, value] of Object.entries(tagsOf(deployment, pipeline))) Tags.of(scope).add(name, value);
  const naming: IAspect = {
    visit: (node) => {
      if (!CfnResource.isCfnResource(node)) return;
      TagManager.of(node)?.setTag('Name', nameOf(deployment, pipeline, node.cfnResourceType), NAME_PRIORITY);
    },
  };
  Aspects.of(scope).add(naming, { priority: AspectPriority.MUTATING });
}
