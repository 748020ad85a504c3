import { STATUS_CODES } from 'node:http';
import type { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../../../core/errors/codes.ts';
import { PenstockError } from '../../../core/errors/penstock-error.ts';
import type { Failure, PlacedProblem, ProblemDocument } from '../schemas/values.ts';
import { ApiError, type ErrorStatus } from './api-error.ts';

/** Any error as a problem document. What is wrong inside the program is told without its message, which may hold anything. */
export function problemOf(error: unknown): ProblemDocument & { readonly status: ErrorStatus } {
  if (error instanceof ApiError) {
    const { status, message, remedy, problems } = error;
    return document(status, { title: STATUS_CODES[status] ?? 'Error', detail: message, code: null, remedy, problems });
  }
  if (error instanceof PenstockError && error.code !== 'PS9001') {
    const { code, message, remedy } = error;
    const { title } = ERROR_CODES[code];
    return document(statusOf(code), { title, detail: message, code, remedy, problems: [] });
  }
  const { title, remedy } = ERROR_CODES.PS9001;
  return document(500, { title, detail: 'The log says more.', code: 'PS9001', remedy, problems: [] });
}

function document(
  status: ErrorStatus,
  rest: Pick<ProblemDocument, 'title' | 'detail' | 'code' | 'remedy'> & { readonly problems: readonly PlacedProblem[] },
): ProblemDocument & { readonly status: ErrorStatus } {
  return { type: 'about:blank', status, ...rest, problems: [...rest.problems] };
}

const STATUS: Partial<Readonly<Record<ErrorCode, ErrorStatus>>> = {
  PS1001: 422,
  PS1002: 422,
  PS1003: 422,
  PS1004: 409,
  PS1005: 422,
  PS1006: 422,
  PS1007: 409,
  PS1008: 409,
  PS1009: 409,
  PS1010: 422,
  PS3001: 409,
  PS3002: 409,
  PS3005: 409,
};

/** 502: another server refused; 503: a part of this place is out of reach. */
function statusOf(code: ErrorCode): ErrorStatus {
  const known = STATUS[code];
  if (known !== undefined) return known;
  return code.startsWith('PS2') || code.startsWith('PS4') ? 502 : 503;
}

/** What a schema found wrong in what was sent, without the values that stood there. */
export function schemaProblems(error: z.ZodError): PlacedProblem[] {
  return error.issues.flatMap((issue): PlacedProblem[] => {
    const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: [...path, key], message: 'unknown name' }));
    }
    return [{ path, message: issue.message }];
  });
}

/** Any error as an answer holds it. */
export function failureOf(error: unknown): Failure {
  if (error instanceof PenstockError) {
    const { code, message, remedy, table } = error;
    return { code, message, remedy, table };
  }
  const { remedy } = ERROR_CODES.PS9001;
  return { code: 'PS9001', message: error instanceof Error ? error.message : String(error), remedy, table: null };
}
