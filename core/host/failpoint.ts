/** The places between two effects where a crash must lose and double nothing. */
export const FAILPOINTS = [
  'prepare.before-slot',
  'prepare.after-slot',
  'extract.before-put',
  'extract.after-put',
  'extract.after-item',
  'extract.after-head',
  'extract.before-acknowledge',
  'extract.after-acknowledge',
  'extract.after-piece',
  'copy.after-begin',
  'copy.chunk-half-read',
  'copy.after-chunk-put',
  'copy.after-chunk-listed',
  'copy.after-chunk-load',
  'copy.before-finish',
  'copy.after-finish',
  'load.after-staging',
  'load.before-commit',
  'load.after-commit',
  'load.after-mark',
  'replay.after-begin',
  'replay.after-collect',
  'replay.before-commit',
  'replay.after-finish',
] as const;

export type FailpointName = (typeof FAILPOINTS)[number];
