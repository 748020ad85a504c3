import { addStacks, emptyApp } from './app.ts';
import { loadDeployment } from './deployment/load-deployment.ts';

/** What `cdk` runs (cdk.json): the deployment of `-c deployment=<file>`, or of ./penstock.config.ts. */
const app = emptyApp();
const named: unknown = app.node.tryGetContext('deployment');
addStacks(app, await loadDeployment(typeof named === 'string' ? named : 'penstock.config.ts'));
app.synth();
