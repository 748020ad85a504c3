import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Cluster, ContainerInsights, type BaseService } from 'aws-cdk-lib/aws-ecs';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Queue, QueueEncryption, type IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from '../checks/acknowledge.ts';
import { sizeOf } from '../deployment/volumes.ts';
import { pipelineAlarms } from '../pipeline/alarms.ts';
import { copyTask, type CopyTask } from '../pipeline/copy-task.ts';
import { pipelineDashboard } from '../pipeline/dashboard.ts';
import { environmentOf, readerOf, runsOf, scheduleOf, thresholdsOf } from '../pipeline/environment.ts';
import { eventMetricFilters } from '../pipeline/event-metrics.ts';
import { externalReader } from '../pipeline/external-reader.ts';
import { pipelineFunctions } from '../pipeline/functions.ts';
import { pipelineNames } from '../pipeline/names.ts';
import { operationMachines } from '../pipeline/operations/state-machines.ts';
import type { TaskProps } from '../pipeline/fargate-task.ts';
import { fargateReader, instanceReader } from '../pipeline/reader-service.ts';
import { resourceArns } from '../pipeline/resource-arns.ts';
import { pipelineSecrets } from '../pipeline/secrets.ts';
import { jsonAsset } from '../json-asset.ts';
import { everyMinute, streamWakesLoader } from '../pipeline/wake-ups.ts';
import type { PipelineStackProps } from './parts.ts';
import { workloadSecurityGroup } from './workload-security-group.ts';

const DEAD_LETTER_DAYS = 14;

/**
 * Everything of one pipeline: the reader, copy tasks, functions and what wakes them, operations, secrets, alarms, dashboard.
 * It changes nothing of the stacks that it stands on: their resources are only referred to.
 * @throws PenstockError PS1001 where the pipeline's settings do not fit the deployment
 */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, props: PipelineStackProps) {
    super(scope, id, props);
    const { pipeline, settings, document, network, data } = props;
    const names = pipelineNames(settings.pipeline);
    const size = sizeOf(pipeline.volume);
    const key = Key.fromKeyArn(this, 'Key', data.key.keyArn);
    const asset = jsonAsset(this, 'Settings', document);
    const secrets = pipelineSecrets(this, names, pipeline, settings, key);
    const arns = resourceArns(this, names, data, { settings: asset.arn, secrets, runs: runsOf(settings) });
    const thresholds = thresholdsOf(pipeline.thresholds);
    const environment = environmentOf({
      pipeline: names.pipeline,
      settings: asset.location,
      bucket: data.bucket.bucketName,
      table: data.table.tableName,
      topic: data.topic.topicArn,
    });
    const newLogGroup = (groupId: string, logGroupName: string): ILogGroup =>
      new LogGroup(this, groupId, {
        logGroupName,
        retention: data.logRetention,
        encryptionKey: key,
        removalPolicy: RemovalPolicy.DESTROY,
      });
    const logGroup = newLogGroup('Log', names.logGroup);
    const securityGroup = workloadSecurityGroup(this, 'Workload', network, pipeline.reachable);
    const deadLetters = this.#deadLetters(names.deadLetters);
    const functions = pipelineFunctions(this, {
      pipeline: names.pipeline,
      arns,
      network,
      securityGroup,
      logGroup,
      deadLetters,
      environment,
      own: {
        health: { ...thresholds, ...readerOf(settings) },
        'schedule-tick': scheduleOf(settings, arns.runMachine),
      },
      loadMemory: size.loadMemory,
    });
    streamWakesLoader(this, functions.load, arns);
    everyMinute(this, 'schedule-tick', functions['schedule-tick'], arns, deadLetters);
    everyMinute(this, 'health', functions.health, arns, deadLetters);
    let task: CopyTask | null = null;
    let newTablesTask: CopyTask | null = null;
    let reader: BaseService | null = null;
    if (pipeline.reader === 'external') externalReader(this, names, arns, { ...environment, ...thresholds });
    else {
      const cluster = new Cluster(this, 'Cluster', {
        clusterName: names.cluster,
        vpc: network.vpc,
        containerInsightsV2: ContainerInsights.ENABLED,
      });
      const tasks: TaskProps = { names, arns, network, securityGroup, logGroup, environment, cluster, size };
      task = copyTask(this, 'copy', tasks);
      newTablesTask = copyTask(this, 'new-tables', tasks);
      // Between the runs of a schedule nobody reads, and nothing is to be paid for it.
      if (settings.schedule.tag === 'automatic') {
        const { highAvailability } = pipeline;
        const readerProps = { ...tasks, environment: { ...environment, ...thresholds }, highAvailability };
        reader = (pipeline.reader === 'ec2' ? instanceReader : fargateReader)(this, readerProps);
      }
    }
    const machines = operationMachines(this, {
      arns,
      functions,
      task,
      newTablesTask,
      copyTasks: pipeline.copyTasks ?? size.copyTasks,
      logGroup: newLogGroup('OperationsLog', names.operationsLogGroup),
    });
    eventMetricFilters(this, logGroup);
    const { topic } = data;
    const alarms = pipelineAlarms(this, {
      names,
      functions,
      machines,
      deadLetters,
      topic,
      thresholds: pipeline.thresholds,
      reader,
    });
    pipelineDashboard(this, { names, functions, machines, alarms, reader });
    new CfnOutput(this, 'LogGroupName', { value: names.logGroup, description: 'What tasks and functions say' });
  }

  #deadLetters(queueName: string): IQueue {
    const queue = new Queue(this, 'DeadLetters', {
      queueName,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(DEAD_LETTER_DAYS),
    });
    acknowledge(queue, 'AwsSolutions-SQS3', 'It is the queue of dead letters itself.');
    return queue;
  }
}
