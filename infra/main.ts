import { PenstockError } from '../core/errors/penstock-error.ts';
import { addStacks, emptyApp } from './app.ts';
import { loadDeployment } from './deployment/load-deployment.ts';

/** What `cdk` runs (cdk.json): the deployment of `-c deployment=<file>`, or of ./penstock.config.ts. */
const app = emptyApp();
const named: unknown = app.node.tryGetContext('deployment');
try {
  addStacks(app, await loadDeployment(typeof named === 'string' ? named : 'penstock.config.ts'));
  app.synth();
} catch (error) {
  if (!(error instanceof PenstockError)) throw error;
  process.stderr.write(`${error.message}\n${error.remedy}\n`);
  process.exitCode = 1;
}
