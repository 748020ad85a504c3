import { Duration } from 'aws-cdk-lib';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { EventSourceMapping, FilterCriteria, StartingPosition, type IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { FunctionName } from './function-table.ts';
import { partName } from './names.ts';
import type { ResourceArns } from './resource-arns.ts';
import { exactRole } from './role.ts';
import { scheduleStatements } from './service-permissions.ts';

/** The catalog's item that moves when an extract becomes visible; core/catalog names it. */
const HEAD_ITEM = 'head';
/** Records of a stream carry nothing here: however many there are, one call is enough. */
const MOST_RECORDS = 1000;

/** The loader is called when the pipeline's head moves. What is lost of this is found by the schedule's tick. */
export function streamWakesLoader(scope: Construct, loader: IFunction, arns: ResourceArns): EventSourceMapping {
  return new EventSourceMapping(scope, 'HeadMoved', {
    target: loader,
    eventSourceArn: arns.stream,
    startingPosition: StartingPosition.LATEST,
    batchSize: MOST_RECORDS,
    maxRecordAge: Duration.minutes(5),
    retryAttempts: 2,
    filters: [
      FilterCriteria.filter({
        eventName: ['INSERT', 'MODIFY'],
        dynamodb: {
          Keys: {
            partition: { S: [arns.pipeline] },
            sort: { S: [HEAD_ITEM] },
          },
        },
      }),
    ],
  });
}

/** Calls a function once a minute. */
export function everyMinute(
  scope: Construct,
  name: FunctionName,
  target: IFunction,
  arns: ResourceArns,
  deadLetters: IQueue,
): void {
  const id = name === 'health' ? 'Health' : 'Tick';
  const { role } = exactRole(scope, `${id}ScheduleRole`, {
    service: 'scheduler.amazonaws.com',
    description: `Penstock ${arns.pipeline}: calls ${name} every minute`,
    statements: scheduleStatements(name, arns),
    why: null,
  });
  new CfnSchedule(scope, `${id}Schedule`, {
    name: partName(arns.pipeline, name),
    description: `Calls ${name} of pipeline ${arns.pipeline}`,
    scheduleExpression: 'rate(1 minute)',
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: target.functionArn,
      roleArn: role.roleArn,
      input: '{}',
      // The next minute calls again.
      retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      deadLetterConfig: { arn: deadLetters.queueArn },
    },
  });
}
