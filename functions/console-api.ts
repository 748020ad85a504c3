import { join } from 'node:path';
import manifest from '../package.json' with { type: 'json' };
import { openConsole } from '../web/aws/open-console.ts';
import { httpFunction } from './frame/http-frame.ts';

/** The console of all pipelines of a deployment: pages, API and Flow Ingest API, behind an HTTP API that checks who asks. */
export const handler = httpFunction({
  name: 'console-api',
  open: ({ invokedFunctionArn }, onFailure) =>
    openConsole({
      environment: process.env,
      functionArn: invokedFunctionArn,
      version: manifest.version,
      // Beside the bundle.
      pages: join(import.meta.dirname, 'pages'),
      onFailure,
    }),
});
