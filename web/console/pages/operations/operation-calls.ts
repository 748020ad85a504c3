import type { Operation, OperationRequest } from '../../../api/schemas/operations.ts';
import { call } from '../../api/client.ts';
import { useAction, type Action } from '../../api/use-action.ts';
import { useResource, useResourceStore, type ReadResource } from '../../api/use-resource.ts';
import { isAtWork } from './operation-words.ts';

const WATCH_SECONDS = 1;

/** The key is the one that live events are put under. */
const operationKey = (instance: string, id: string): string => `${instance} operation ${id}`;

/** One operation with its progress and its result, watched until it has ended. */
export function useOperation(instance: string, id: string | null): ReadResource<Operation> {
  const store = useResourceStore();
  const key = id === null ? null : operationKey(instance, id);
  const known = key === null ? null : (store.read(key).data as Operation | null);
  const isWatched = known === null || isAtWork(known);
  return useResource(
    key,
    (signal) => call('GET /instances/{name}/operations/{id}', { parameters: { name: instance, id: id ?? '' }, signal }),
    isWatched ? WATCH_SECONDS : null,
  );
}

/** @param onStarted is told the operation as it begins */
export function useStart(instance: string, onStarted: (operation: Operation) => void): Action<[OperationRequest]> {
  const store = useResourceStore();
  return useAction(async (signal, request: OperationRequest) => {
    const parameters = { name: instance };
    const operation = await call('POST /instances/{name}/operations', { parameters, body: request, signal });
    store.put(operationKey(instance, operation.id), operation);
    onStarted(operation);
  });
}

export function useStop(instance: string, onStopped: () => void): Action<[id: string]> {
  const store = useResourceStore();
  return useAction(async (signal, id: string) => {
    const parameters = { name: instance, id };
    store.put(
      operationKey(instance, id),
      await call('POST /instances/{name}/operations/{id}/stop', { parameters, signal }),
    );
    onStopped();
  });
}
