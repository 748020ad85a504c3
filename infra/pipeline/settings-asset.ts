import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import type { SettingsDocument } from '../stacks/parts.ts';

/** The pipeline's settings as one object of the deployment's asset bucket; its key is a hash of what it holds. */
export function settingsAsset(
  scope: Construct,
  document: SettingsDocument,
): { readonly location: string; readonly arn: string } {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-settings-'));
  try {
    const path = join(directory, 'settings.json');
    writeFileSync(path, JSON.stringify(document));
    // The asset is staged at once; the file is not needed after that.
    const asset = new Asset(scope, 'Settings', { path });
    const { partition } = Stack.of(scope);
    return {
      location: `s3://${asset.s3BucketName}/${asset.s3ObjectKey}`,
      arn: `arn:${partition}:s3:::${asset.s3BucketName}/${asset.s3ObjectKey}`,
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
