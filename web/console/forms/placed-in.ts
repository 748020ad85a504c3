import type { Problem } from '../api/problem.ts';

/** What the server found wrong in a section, by the form's own paths. */
export function placedIn(section: string, problem: Problem | null): (readonly [string, string])[] {
  return (problem?.problems ?? []).map(({ path, message }) => {
    const inSection = path.startsWith(`${section}.`) ? path.slice(section.length + 1) : path;
    return [inSection, message] as const;
  });
}
