/**
 * Room on disk for what is larger than memory, for this process alone: nothing of it is there after the process, however it ended.
 * It may hold cell values, so nobody else may read it.
 */
export interface ScratchSpace {
  /** A new, empty file. @throws PenstockError PS3003 where there is no room or no right */
  open(): Promise<ScratchFile>;
}

/** Gone when it is disposed of, or with the process. */
export interface ScratchFile extends AsyncDisposable {
  /** Puts bytes behind those that are there; the buffers may be used again when it resolves. @throws PenstockError PS3003 */
  append(buffers: readonly Buffer[]): Promise<void>;
  /** `length` bytes from `offset` on, all of which were appended. @throws PenstockError PS3003 */
  read(offset: number, length: number): Promise<Buffer>;
}
