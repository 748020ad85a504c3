import { IgnoreMode } from 'aws-cdk-lib';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import type { Construct } from 'constructs';
import { REPOSITORY } from './bundle.ts';

/** The image of readers and copy workers is built from here; the other files of the repository do not touch its hash. */
export const IMAGE_CONTEXT = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'bundle-options.ts',
  'core',
  'hosts',
  'containers',
];

export const DOCKERFILE = 'containers/reader/Dockerfile';

export type ImagePlatform = 'arm64' | 'amd64';

/** Built by `cdk deploy` on the deployer's machine; synthesis only hashes the sources. Readers and copy workers share it. */
export function readerImage(scope: Construct, platform: ImagePlatform): DockerImageAsset {
  const id = platform === 'arm64' ? 'ImageArm64' : 'ImageAmd64';
  const made = scope.node.tryFindChild(id);
  if (made instanceof DockerImageAsset) return made;
  return new DockerImageAsset(scope, id, {
    directory: REPOSITORY,
    file: DOCKERFILE,
    platform: platform === 'arm64' ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64,
    ignoreMode: IgnoreMode.DOCKER,
    exclude: ['*', ...IMAGE_CONTEXT.map((path) => `!${path}`), '**/*.test.ts', '**/*.md'],
  });
}
