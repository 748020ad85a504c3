import { expect, test } from 'vitest';
import { copyTaskOf, deployedEnvironment, operationOf } from './deployed-environment.ts';

const COMPLETE = {
  PENSTOCK_PIPELINE: 'shop',
  PENSTOCK_SETTINGS: 's3://assets/a/b.json',
  PENSTOCK_BUCKET: 'extracts',
  PENSTOCK_TABLE: 'catalog',
  PENSTOCK_TOPIC: 'arn:aws:sns:eu-central-1:123456789012:alerts',
  PENSTOCK_LOADER: 'penstock-shop-load',
  AWS_REGION: 'eu-central-1',
};

test('a deployment says where a pipeline’s things are', () => {
  expect(deployedEnvironment(COMPLETE)).toEqual({
    pipeline: 'shop',
    settings: { bucket: 'assets', key: 'a/b.json' },
    bucket: 'extracts',
    table: 'catalog',
    topic: COMPLETE.PENSTOCK_TOPIC,
    loader: 'penstock-shop-load',
    failpoint: '',
  });
});

test('what is missing or wrong is said by its name, all at once', () => {
  const wrong = {
    ...COMPLETE,
    PENSTOCK_SETTINGS: '/etc/settings',
    PENSTOCK_TABLE: undefined,
    PENSTOCK_TOPIC: 'alerts',
  };
  expect(() => deployedEnvironment(wrong)).toThrow(
    /PS1001.*PENSTOCK_SETTINGS: s3:\/\/.*PENSTOCK_TABLE.*PENSTOCK_TOPIC/,
  );
});

test('an operation tells a task which worker it is', () => {
  const task = { PENSTOCK_OPERATION: 'copy-1', PENSTOCK_WORKER: '0', PENSTOCK_WORKERS: '4' };
  expect(copyTaskOf(task)).toEqual({ operation: 'copy-1', worker: 0, workers: 4 });
  expect(operationOf(task)).toBe('copy-1');
  expect(() => copyTaskOf({ ...task, PENSTOCK_WORKER: 'x', PENSTOCK_WORKERS: '0' })).toThrow(/WORKER: .*WORKERS: /);
  expect(() => operationOf({})).toThrow('PENSTOCK_OPERATION');
});
