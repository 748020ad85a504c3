import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { PipelineStackProps } from './parts.ts';

/** Everything of one pipeline: the reader, copy tasks, functions, operations, alarms, dashboard. */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, props: PipelineStackProps) {
    const { deployment: _deployment, pipeline: _pipeline, settings: _settings, ...rest } = props;
    const { document: _document, network: _network, data: _data, ...stackProps } = rest;
    super(scope, id, stackProps);
  }
}
