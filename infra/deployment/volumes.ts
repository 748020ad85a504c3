import type { Volume } from './deployment.ts';

/** What a pipeline of a volume is given. Fargate takes only certain pairs of CPU and memory; these are some of them. */
export interface Size {
  /** CPU units of the reader and of a copy worker; 1024 are one core. */
  readonly cpu: number;
  /** MiB of the reader and of a copy worker. */
  readonly memory: number;
  /** GiB of a task's own disk: pieces under way and logs; Fargate gives 21 to 200. */
  readonly taskDisk: number;
  /** Where the reader runs on EC2. */
  readonly instanceType: string;
  /** GiB of an instance's gp3 volume. */
  readonly instanceDisk: number;
  /** Copy workers of a full extract. */
  readonly copyTasks: number;
  /** MB of the load function. */
  readonly loadMemory: number;
}

/**
 * The seed's table: t3.large (2 cores, 8 GB) and 100 GB of disk below 100 GB of data, t3.xlarge (4, 16) and 500 GB below 300,
 * t3.2xlarge (8, 32) and 500 GB below 1 TB. Above that a burstable instance would run out of credits during a copy
 * of many hours: m7i.4xlarge has 16 whole cores and up to 12.5 Gbit/s. Fargate sizes are smaller than the instances, because
 * memory is bounded whatever the volume and copying is spread over tasks of its own.
 */
export const SIZES: Readonly<Record<Volume, Size>> = {
  under100GB: {
    cpu: 1024,
    memory: 2048,
    taskDisk: 21,
    instanceType: 't3.large',
    instanceDisk: 100,
    copyTasks: 2,
    loadMemory: 1024,
  },
  under300GB: {
    cpu: 2048,
    memory: 4096,
    taskDisk: 50,
    instanceType: 't3.xlarge',
    instanceDisk: 500,
    copyTasks: 4,
    loadMemory: 1769,
  },
  under1TB: {
    cpu: 2048,
    memory: 4096,
    taskDisk: 100,
    instanceType: 't3.2xlarge',
    instanceDisk: 500,
    copyTasks: 8,
    loadMemory: 3008,
  },
  over1TB: {
    cpu: 4096,
    memory: 8192,
    taskDisk: 200,
    instanceType: 'm7i.4xlarge',
    instanceDisk: 1000,
    copyTasks: 16,
    loadMemory: 3008,
  },
};

export function sizeOf(volume: Volume): Size {
  return SIZES[volume];
}
