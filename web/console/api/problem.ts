/** What went wrong with a request, as the API says it (RFC 9457), or as this browser saw it. */
export interface Problem {
  readonly title: string;
  readonly status: number;
  readonly detail: string | null;
  /** PSnnnn, where the error has one. */
  readonly code: string | null;
  readonly remedy: string | null;
  /** What is wrong in what was sent, by place. */
  readonly problems: readonly PlacedProblem[];
}

export interface PlacedProblem {
  readonly path: string;
  readonly message: string;
}

export class RequestError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.name = 'RequestError';
    this.problem = problem;
  }
}

/** Reads an answer that is not a success, liberally: a proxy between may have sent a page of its own. */
export function parseProblem(status: number, statusText: string, body: unknown): Problem {
  const fields = isObject(body) ? body : {};
  const problems = Array.isArray(fields['problems']) ? fields['problems'] : [];
  return {
    title: textOf(fields['title']) ?? (statusText === '' ? `The server answered ${status}` : statusText),
    status,
    detail: textOf(fields['detail']),
    code: textOf(fields['code']),
    remedy: textOf(fields['remedy']),
    problems: problems.flatMap((problem: unknown) => {
      if (!isObject(problem)) return [];
      const message = textOf(problem['message']);
      return message === null ? [] : [{ path: pathText(problem['path']), message }];
    }),
  };
}

/** Of anything that was thrown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof RequestError) return error.problem;
  const detail = error instanceof Error ? error.message : String(error);
  return { title: 'Something went wrong in this page', status: 0, detail, code: null, remedy: null, problems: [] };
}

/** The server could not be reached at all. */
export const UNREACHABLE: Problem = {
  title: 'Penstock does not answer',
  status: 0,
  detail: 'The console could not reach the server.',
  code: null,
  remedy: 'Check that penstock is running and that this browser reaches it; the page goes on by itself.',
  problems: [],
};

function pathText(path: unknown): string {
  if (Array.isArray(path)) return path.map(String).join('.');
  return textOf(path) ?? '';
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
