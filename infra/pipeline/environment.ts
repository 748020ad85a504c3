import * as z from 'zod';
import type { OperationKind } from '../../core/operations/shared-operation.ts';
import type { PipelineSettings } from '../../core/pipeline/settings.ts';
import { isRecurring } from '../../core/schedule/due.ts';
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

/** What a run of a pipeline's schedule is; null where none recurs. */
export function runsOf({ schedule, source }: PipelineSettings): OperationKind | null {
  if (!isRecurring(schedule)) return null;
  return readsNoLog(source.specific) ? 'full-extract' : 'manual-delta';
}

/** For the tick, where runs are made at due times. */
export function scheduleOf({ schedule, source }: PipelineSettings, machine: string | null): Record<string, string> {
  if (machine === null) return {};
  return { PENSTOCK_RUNS: JSON.stringify({ schedule, machine, needsCopy: !readsNoLog(source.specific) }) };
}

/** For the health function: between the runs of a schedule no reader is missed. */
export function readerOf({ schedule }: PipelineSettings): Record<string, string> {
  return { PENSTOCK_READER: schedule.tag === 'automatic' ? 'standing' : 'none' };
}

/** Whether every run is a full extract. */
function readsNoLog(specific: unknown): boolean {
  return z.object({ extractType: z.literal('fullExtracts') }).safeParse(specific).success;
}

/** For the health function and the reader. */
export function thresholdsOf(thresholds: PipelineDeployment['thresholds']): Record<string, string> {
  return { PENSTOCK_THRESHOLDS: JSON.stringify(thresholds) };
}
