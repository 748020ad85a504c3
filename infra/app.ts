import { App, Validations, type AppProps, type Environment } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Deployment } from './deployment/deployment.ts';
import type { LoadedDeployment, LoadedPipeline } from './deployment/load-deployment.ts';
import { ConsoleStack } from './stacks/console-stack.ts';
import { DataStack } from './stacks/data-stack.ts';
import { existingNetwork, NetworkStack } from './stacks/network-stack.ts';
import type { DataParts, NetworkParts } from './stacks/parts.ts';
import { PipelineStack } from './stacks/pipeline-stack.ts';
import { SHARED, tagAll } from './tagging.ts';

/** Behaviour of CDK that newer apps have by default. Here rather than in cdk.json, so that tests and the CLI agree. */
const FLAGS: Readonly<Record<string, boolean | string>> = {
  '@aws-cdk/aws-iam:minimizePolicies': true,
  '@aws-cdk/aws-s3:createDefaultLoggingPolicy': true,
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
  '@aws-cdk/aws-ecs:disableExplicitDeploymentControllerForCircuitBreaker': true,
  '@aws-cdk/aws-ecs:reduceEc2FargateCloudWatchPermissions': true,
  '@aws-cdk/core:checkSecretUsage': true,
  '@aws-cdk/core:validateAgainstDefaultRules': true,
  // What another stack uses cannot be taken away from under it.
  '@aws-cdk/core:defaultCrossStackReferences': 'strong',
  '@aws-cdk/core:enablePartitionLiterals': true,
  // The VPC's default group is used by nothing; closing it takes a custom resource with rights of its own.
  '@aws-cdk/aws-ec2:restrictDefaultSecurityGroup': false,
};

/** A CDK app without stacks, with the flags that all of them are made under. */
export function emptyApp(props: AppProps = {}): App {
  return new App({ ...props, context: { ...FLAGS, ...props.context }, analyticsReporting: false });
}

/**
 * All stacks of a deployment: `<Application>-<Environment>-Data`, `-Network` where the VPC is its own, `-Console`,
 * and `-Pipeline-<name>` for each pipeline.
 */
export function addStacks(app: App, { deployment, pipelines }: LoadedDeployment): void {
  const prefix = stackPrefix(deployment);
  const env = environmentOf(deployment);
  const names = pipelines.map(({ settings }) => settings.pipeline);
  const dataStack = new DataStack(app, `${prefix}-Data`, { env, deployment, pipelines: names });
  const data = dataStack.parts;
  tagAll(dataStack, deployment, SHARED);
  const network = addNetwork(app, deployment, dataStack);
  const consoleProps = { env, prefix, console: deployment.console, pipelines, data };
  const consoleStack = new ConsoleStack(app, `${prefix}-Console`, consoleProps);
  tagAll(consoleStack, deployment, SHARED);
  for (const pipeline of pipelines) addPipeline(app, deployment, pipeline, network, data);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}

/** @throws Error at synth where cdk-nag finds something that nobody gave a reason for */
export function buildApp(loaded: LoadedDeployment, props: AppProps = {}): App {
  const app = emptyApp(props);
  addStacks(app, loaded);
  return app;
}

/** What the names of all stacks begin with. */
export function stackPrefix({ application, environment }: Deployment): string {
  return `${application}-${environment}`;
}

function addNetwork(app: App, deployment: Deployment, dataStack: DataStack): NetworkParts {
  const { network } = deployment;
  if (network.tag === 'existing') return existingNetwork(dataStack, network);
  const env = environmentOf(deployment);
  const id = `${stackPrefix(deployment)}-Network`;
  const stack = new NetworkStack(app, id, { env, deployment, network, data: dataStack.parts });
  tagAll(stack, deployment, SHARED);
  return stack.parts;
}

function addPipeline(
  app: App,
  deployment: Deployment,
  { deployment: pipeline, settings, document }: LoadedPipeline,
  network: NetworkParts,
  data: DataParts,
): void {
  const id = `${stackPrefix(deployment)}-Pipeline-${settings.pipeline}`;
  const env = environmentOf(deployment);
  const stack = new PipelineStack(app, id, { env, deployment, pipeline, settings, document, network, data });
  tagAll(stack, deployment, settings.pipeline);
}

/** Without an account and a region the templates fit any; the CLI then takes those that it is signed in to. */
function environmentOf({ account, region }: Deployment): Environment {
  return { ...(account === null ? {} : { account }), ...(region === null ? {} : { region }) };
}
