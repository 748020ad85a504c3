import type { OperationKind } from '../../core/operations/shared-operation.ts';
import { functionsOf, OPERATIONS } from './operation-table.ts';
import { allow, type Statement } from './permissions.ts';
import type { ResourceArns } from './resource-arns.ts';

/** What AWS's own services may do for a pipeline: start a task, run a schedule, a state machine, an ECS instance. */

/** Starting a task: its image and its log. */
export function executionStatements(repository: string, arns: ResourceArns): Statement[] {
  return [
    allow(['ecr:GetAuthorizationToken'], ['*']),
    allow(['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'], [repository]),
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [`${arns.logGroup}:*`]),
  ];
}

export function scheduleStatements(functionName: string, arns: ResourceArns): Statement[] {
  return [
    allow(['lambda:InvokeFunction'], [arns.function(functionName)]),
    allow(['sqs:SendMessage'], [arns.deadLetters]),
  ];
}

/** `taskRoles`: those that the operation's tasks are given; empty where there are no tasks. */
export function operationStatements(
  kind: OperationKind,
  taskRoles: readonly string[],
  arns: ResourceArns,
): Statement[] {
  const { task } = OPERATIONS[kind];
  const functions = functionsOf(kind, taskRoles.length > 0);
  return [
    allow(
      ['lambda:InvokeFunction'],
      functions.map((name) => arns.function(name)),
    ),
    ...(task !== null && taskRoles.length > 0 ? taskStatements(arns.definitions[task], taskRoles, arns) : []),
    allow(
      [
        'logs:CreateLogDelivery',
        'logs:GetLogDelivery',
        'logs:UpdateLogDelivery',
        'logs:DeleteLogDelivery',
        'logs:ListLogDeliveries',
        'logs:PutResourcePolicy',
        'logs:DescribeResourcePolicies',
        'logs:DescribeLogGroups',
      ],
      ['*'],
    ),
    allow(
      ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
      ['*'],
    ),
  ];
}

function taskStatements(definition: string, taskRoles: readonly string[], arns: ResourceArns): Statement[] {
  return [
    { ...allow(['ecs:RunTask'], [definition]), conditions: { ArnEquals: { 'ecs:cluster': arns.cluster } } },
    allow(['ecs:StopTask', 'ecs:DescribeTasks'], [arns.tasks]),
    { ...allow(['ecs:TagResource'], [arns.tasks]), conditions: { StringEquals: { 'ecs:CreateAction': 'RunTask' } } },
    {
      ...allow(['iam:PassRole'], taskRoles),
      conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    },
    allow(['events:PutTargets', 'events:PutRule', 'events:DescribeRule'], [arns.taskEventsRule]),
  ];
}

/** The agent of an ECS instance. */
export function instanceStatements(arns: ResourceArns): Statement[] {
  const conditions = { ArnEquals: { 'ecs:cluster': arns.cluster } };
  return [
    allow(
      [
        'ecs:RegisterContainerInstance',
        'ecs:DeregisterContainerInstance',
        'ecs:SubmitContainerStateChange',
        'ecs:SubmitTaskStateChange',
        'ecs:SubmitAttachmentStateChanges',
      ],
      [arns.cluster],
    ),
    {
      ...allow(
        ['ecs:Poll', 'ecs:StartTelemetrySession', 'ecs:UpdateContainerInstancesState'],
        [arns.containerInstances],
      ),
      conditions,
    },
    allow(['ecs:DiscoverPollEndpoint'], ['*']),
  ];
}
