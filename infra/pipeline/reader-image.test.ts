import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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
