import { Duration } from 'aws-cdk-lib';
import { PropagatedTagSource } from 'aws-cdk-lib/aws-ecs';
import { IntegrationPattern, JsonPath, Timeout } from 'aws-cdk-lib/aws-stepfunctions';
import { EcsFargateLaunchTarget, EcsRunTask } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type { CopyTask } from '../copy-task.ts';
import { TASK_RETRIES } from './retries.ts';

/** Above this a task hangs. */
const MOST_HOURS = 72;

interface TaskRun {
  /** What `main.mjs` does. */
  readonly job: 'copy' | 'delta' | 'new-tables';
  /** Texts, or paths of the state. */
  readonly environment: Readonly<Record<string, string>>;
}

/** One task, from its start to its end. */
export function readerTask(scope: Construct, name: string, copy: CopyTask, { job, environment }: TaskRun): EcsRunTask {
  const task = new EcsRunTask(scope, name, {
    integrationPattern: IntegrationPattern.RUN_JOB,
    cluster: copy.cluster,
    taskDefinition: copy.definition,
    launchTarget: new EcsFargateLaunchTarget(),
    assignPublicIp: false,
    subnets: copy.network.subnets,
    securityGroups: [copy.securityGroup],
    propagatedTagSource: PropagatedTagSource.TASK_DEFINITION,
    containerOverrides: [
      {
        containerDefinition: copy.container,
        command: ['main.mjs', job],
        environment: Object.entries(environment).map(([variable, value]) => ({ name: variable, value })),
      },
    ],
    // What AWS tells of a task is long, and nobody reads it.
    resultPath: JsonPath.DISCARD,
    taskTimeout: Timeout.duration(Duration.hours(MOST_HOURS)),
  });
  for (const retry of TASK_RETRIES) task.addRetry(retry);
  return task;
}
