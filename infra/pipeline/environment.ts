import type { PipelineDeployment } from '../deployment/deployment.ts';
import { partName } from './names.ts';

/** What tasks and functions find in their environment; hosts/aws reads it. Nothing here is secret. */
export interface WorkloadEnvironment {
  readonly pipeline: string;
  /** `s3://bucket/key` of the settings asset. */
  readonly settings: string;
  readonly bucket: string;
  readonly table: string;
  readonly topic: string;
}

export function environmentOf(environment: WorkloadEnvironment): Record<string, string> {
  return {
    PENSTOCK_PIPELINE: environment.pipeline,
    PENSTOCK_SETTINGS: environment.settings,
    PENSTOCK_BUCKET: environment.bucket,
    PENSTOCK_TABLE: environment.table,
    PENSTOCK_TOPIC: environment.topic,
    PENSTOCK_LOADER: partName(environment.pipeline, 'load'),
    POWERTOOLS_SERVICE_NAME: 'penstock',
    POWERTOOLS_LOG_LEVEL: 'INFO',
  };
}

/** For the health function and the reader. */
export function thresholdsOf(thresholds: PipelineDeployment['thresholds']): Record<string, string> {
  return { PENSTOCK_THRESHOLDS: JSON.stringify(thresholds) };
}
