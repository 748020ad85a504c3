import type { OperationContext } from '../core/operations/operation-context.ts';
import { assembleAws, type AwsAssembly } from '../hosts/aws/aws-assembly.ts';
import type { AwsHost } from '../hosts/aws/aws-host.ts';
import { framed, type FunctionDefinition, type FunctionHandler, type Invocation } from './frame/function-frame.ts';

/** What the work of a function gets that needs a pipeline's settings, its source or its destination: fit for every operation of the core. */
export type PipelineInvocation = Invocation & OperationContext & { readonly host: AwsHost };

/** A function that works on a pipeline. Source and destination are connected to when they are first used, and kept. */
export function pipelineFunction<Input, Result>(
  definition: FunctionDefinition<Input, Result, OpenedPipeline>,
): FunctionHandler<Result> {
  return framed(definition, openPipeline);
}

/** Nobody watches a function's progress: what it does is in its events. */
export type OpenedPipeline = AwsAssembly & Pick<OperationContext, 'progress'>;

async function openPipeline(host: AwsHost): Promise<OpenedPipeline> {
  return { ...(await assembleAws(host)), progress: () => undefined };
}
