/**
 * Cuts a stream into parts of `size` bytes; the last one is shorter, and empty if nothing is left: a stream gives at least one part.
 * Two buffers are used in turn: a part's bytes are overwritten when the part after the next one is asked for.
 */
export async function* partBuffers(body: AsyncIterable<Buffer>, size: number): AsyncIterable<Buffer> {
  let filling: Buffer = Buffer.allocUnsafeSlow(size);
  let spare: Buffer | null = null;
  let filled = 0;
  for await (const buffer of body) {
    let taken = 0;
    while (taken < buffer.length) {
      const copied = buffer.copy(filling, filled, taken);
      taken += copied;
      filled += copied;
      if (filled < size) continue;
      yield filling;
      [filling, spare] = [spare ?? Buffer.allocUnsafeSlow(size), filling];
      filled = 0;
    }
  }
  yield filling.subarray(0, filled);
}
