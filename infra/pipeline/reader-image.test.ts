import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { REPOSITORY } from './bundle.ts';
import { DOCKERFILE, IMAGE_CONTEXT } from './reader-image.ts';
import { IMAGE_USER } from './task-container.ts';

const instructions = readFileSync(join(REPOSITORY, DOCKERFILE), 'utf8')
  .split('\n')
  .filter((line) => /^[A-Z]+ /.test(line));

describe("the reader's Dockerfile", () => {
  it('copies only what CDK hands to the build', () => {
    const copied = instructions
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(/\s+/).slice(1, -1));
    expect(copied.length).toBeGreaterThan(3);
    expect(copied.filter((path) => !IMAGE_CONTEXT.includes(path))).toEqual([]);
    expect(IMAGE_CONTEXT.filter((path) => !existsSync(join(REPOSITORY, path)))).toEqual([]);
  });

  it('builds the bundle from nothing but what it copies', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'penstock-image-'));
    try {
      for (const path of IMAGE_CONTEXT) await cp(join(REPOSITORY, path), join(folder, path), { recursive: true });
      await symlink(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
      const build =
        instructions
          .find((line) => line.startsWith('RUN node '))
          ?.slice('RUN node '.length)
          .split(' ') ?? [];
      const [script = '', target = ''] = build;
      await promisify(execFile)(process.execPath, [join(folder, script), join(folder, target)]);
      const made = await readdir(join(folder, target));
      expect(made).toEqual(expect.arrayContaining(['health.mjs', 'main.mjs']));
      // The parts that those two import, too.
      expect(instructions.filter((line) => line.includes('/out/*.mjs ./'))).toHaveLength(1);
      expect(made.filter((name) => !name.endsWith('.mjs'))).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('has the user that tasks run as', () => {
    expect(instructions).toContain(`USER ${IMAGE_USER}`);
  });

  it('calls /tmp a volume: Fargate would mount one there that only root can write to', () => {
    expect(instructions).toContain('VOLUME ["/tmp"]');
  });

  it('starts node from the path, as task definitions do', () => {
    expect(instructions.at(-1)).toBe('CMD ["node", "main.mjs", "follow"]');
  });
});
