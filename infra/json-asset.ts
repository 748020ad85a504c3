import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';

/** An object of the deployment's asset bucket; its key is a hash of what it holds. */
export interface JsonAsset {
  /** `s3://bucket/key`. */
  readonly location: string;
  readonly key: string;
  readonly arn: string;
}

/** The asset's key is known while synthesising, its bucket may not be. */
export function jsonAsset(scope: Construct, id: string, value: unknown): JsonAsset {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-asset-'));
  try {
    const path = join(directory, 'document.json');
    writeFileSync(path, JSON.stringify(value));
    // The asset is staged at once; the file is not needed after that.
    const asset = new Asset(scope, id, { path });
    const place = `${asset.s3BucketName}/${asset.s3ObjectKey}`;
    return {
      location: `s3://${place}`,
      key: asset.s3ObjectKey,
      arn: `arn:${Stack.of(scope).partition}:s3:::${place}`,
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
