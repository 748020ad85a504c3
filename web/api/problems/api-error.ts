import type { PlacedProblem } from '../schemas/values.ts';

export type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 421 | 422 | 500 | 502 | 503;

/** What is wrong with a request itself; what is wrong with a pipeline is a PenstockError. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: ErrorStatus;
  readonly problems: readonly PlacedProblem[];
  readonly remedy: string | null;

  constructor(
    status: ErrorStatus,
    detail: string,
    options: { readonly problems?: readonly PlacedProblem[]; readonly remedy?: string } = {},
  ) {
    super(detail);
    this.status = status;
    this.problems = options.problems ?? [];
    this.remedy = options.remedy ?? null;
  }
}

export function notFound(what: string): ApiError {
  return new ApiError(404, `there is no ${what}`);
}
