import { useCallback, useEffect, useRef, useState } from 'react';
import { problemOf, type Problem } from './problem.ts';

/** Something that the user started: whether it is under way, and why it failed. */
export interface Action<Arguments extends readonly unknown[]> {
  readonly isRunning: boolean;
  readonly problem: Problem | null;
  /** Starts it; while it is under way, nothing. */
  readonly run: (...given: Arguments) => void;
  readonly forget: () => void;
}

/** @param work is aborted when its component goes away; what it does after that is not waited for */
export function useAction<Arguments extends readonly unknown[]>(
  work: (signal: AbortSignal, ...given: Arguments) => Promise<void>,
): Action<Arguments> {
  const [isRunning, setIsRunning] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const controller = useRef<AbortController | null>(null);
  const latest = useRef(work);
  useEffect(() => {
    latest.current = work;
  });
  useEffect(() => () => controller.current?.abort(), []);
  const run = useCallback((...given: Arguments) => {
    if (controller.current !== null) return;
    const own = new AbortController();
    controller.current = own;
    setIsRunning(true);
    setProblem(null);
    latest
      .current(own.signal, ...given)
      .catch((error: unknown) => {
        if (!own.signal.aborted) setProblem(problemOf(error));
      })
      .finally(() => {
        controller.current = null;
        setIsRunning(false);
      })
      .catch(reportError);
  }, []);
  return { isRunning, problem, run, forget: useCallback(() => setProblem(null), []) };
}
