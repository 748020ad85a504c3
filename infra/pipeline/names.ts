import { PenstockError } from '../../core/errors/penstock-error.ts';

/** Lambda's limit, less `penstock-` and the longest function name. */
const MOST_PIPELINE_CHARACTERS = 64 - 'penstock-'.length - '-check-destination'.length;

/** The names under which people find a pipeline's parts. They hold no environment: two of one name need two accounts or regions. */
export interface PipelineNames {
  readonly pipeline: string;
  /** Tasks and functions write here. */
  readonly logGroup: string;
  /** State machines write here: with this prefix the log service needs no policy for each group. */
  readonly operationsLogGroup: string;
  readonly cluster: string;
  readonly readerFamily: string;
  readonly copyFamily: string;
  readonly newTablesFamily: string;
  readonly sourceSecret: string;
  readonly destinationSecret: string;
  readonly deadLetters: string;
  readonly dashboard: string;
  readonly externalPolicy: string;
}

/** @throws PenstockError PS1001 where the pipeline's name is too long for AWS */
export function pipelineNames(pipeline: string): PipelineNames {
  if (pipeline.length > MOST_PIPELINE_CHARACTERS) {
    throw new PenstockError(
      'PS1001',
      `pipeline ${pipeline}: on AWS a pipeline's name has at most ${MOST_PIPELINE_CHARACTERS} characters`,
      { remedy: "Shorten the name in the pipeline's YAML file; it is part of the names of its functions." },
    );
  }
  return {
    pipeline,
    logGroup: `/penstock/${pipeline}`,
    operationsLogGroup: `/aws/vendedlogs/penstock/${pipeline}`,
    cluster: partName(pipeline, 'cluster'),
    readerFamily: partName(pipeline, 'reader'),
    copyFamily: partName(pipeline, 'copy'),
    newTablesFamily: partName(pipeline, 'new-tables'),
    sourceSecret: `penstock/${pipeline}/source`,
    destinationSecret: `penstock/${pipeline}/destination`,
    deadLetters: partName(pipeline, 'dead-letters'),
    dashboard: partName(pipeline, 'dashboard'),
    externalPolicy: partName(pipeline, 'external-reader'),
  };
}

/** `penstock-<pipeline>-<part>`: functions, state machines, schedules, … */
export function partName(pipeline: string, part: string): string {
  return `penstock-${pipeline}-${part}`;
}
