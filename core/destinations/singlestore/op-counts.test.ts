import { expect, test } from 'vitest';
import { encodeLine } from '../../extracts/row-encoding.ts';
import { countOps } from './op-counts.ts';

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  await Promise.resolve();
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test('lines are counted by their first byte, wherever the buffers are cut', async () => {
  const ops = ['U', 'D', 'U', 'U', 'D'];
  const bytes = Buffer.from(ops.map((op, index) => encodeLine([op, String(index), 'UU\nD\nU', null])).join(''));
  for (const size of [1, 2, 3, 7, bytes.length]) {
    const counter = countOps(cut(bytes, size));
    const passed: Buffer[] = [];
    for await (const buffer of counter.bytes) passed.push(buffer);
    expect(Buffer.concat(passed).equals(bytes)).toBe(true);
    expect(counter.counts()).toEqual({ upserts: 3, deletes: 2 });
  }
});
