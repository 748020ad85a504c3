import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { BrowserContext, Page } from 'playwright-core';
import { vi } from 'vitest';
import { httpFunction } from '../../functions/frame/http-frame.ts';
import { handler as switchSchedule } from '../../functions/switch-schedule.ts';
import { consoleDocument } from '../../web/aws/console-environment.ts';
import { openConsole } from '../../web/aws/open-console.ts';
import { DeployedPipeline, lambdaContext } from '../fixtures/deployed-pipeline.ts';
import { HttpApiGateway } from '../fixtures/http-api-gateway.ts';
import { OidcProvider, type ProviderUser } from '../fixtures/oidc-provider.ts';
import { sharedServers } from '../fixtures/pipeline.ts';
import { synthesiseConsole, type SynthesisedConsole } from '../fixtures/synthesised-console.ts';
import { launchChromium, STEP_MILLISECONDS } from './chromium.ts';

const ISSUER = 'https://identity.test';
export const VIEWER: ProviderUser = { name: 'vera', password: 'v', groups: ['staff', 'watchers'] };
export const OPERATOR: ProviderUser = { name: 'otto', password: 'o', groups: ['keepers'] };
export const OUTSIDER: ProviderUser = { name: 'nora', password: 'n', groups: ['staff'] };

/**
 * The console behind API Gateway as the stack would deploy it, with a provider to sign in at, and a browser. What answers is the
 * function; behind it is a deployed pipeline that has never run, on services that stand in for AWS.
 */
export class SignedInConsole implements AsyncDisposable {
  readonly provider: OidcProvider;
  readonly gateway: HttpApiGateway;
  /** The pipeline's name. */
  readonly instance: string;
  /** What a browser complained of in any page. */
  readonly complaints: string[] = [];
  readonly #stack: AsyncDisposableStack;
  readonly #contexts: (scheme: 'light' | 'dark') => Promise<BrowserContext>;
  readonly #time: { ahead: number };

  private constructor(
    parts: Pick<SignedInConsole, 'provider' | 'gateway' | 'instance'>,
    time: { ahead: number },
    stack: AsyncDisposableStack,
    contexts: (scheme: 'light' | 'dark') => Promise<BrowserContext>,
  ) {
    this.provider = parts.provider;
    this.gateway = parts.gateway;
    this.instance = parts.instance;
    this.#time = time;
    this.#stack = stack;
    this.#contexts = contexts;
  }

  static async open(): Promise<SignedInConsole> {
    await using stack = new AsyncDisposableStack();
    const time = { ahead: 0 };
    const now = (): number => Date.now() + time.ahead;
    const signedIn = {
      signIn: {
        tag: 'oidc' as const,
        issuer: ISSUER,
        clientId: 'pages',
        audience: ['console'],
        claim: 'groups',
        viewer: ['watchers'],
        operator: ['keepers'],
        user: ['preferred_username'],
      },
    };
    const console = await synthesiseConsole('standard', signedIn, { isValidated: false });
    const failures: unknown[] = [];
    stack.defer(() => {
      if (failures.length > 0) throw new AggregateError(failures, 'the console failed to answer');
    });
    const pipeline = stack.use(await DeployedPipeline.open({ ...sharedServers('postgres'), tables: ['orders'] }));
    stack.defer(() => switchSchedule[Symbol.asyncDispose]());
    pipeline.services.callFunction = (name, input) => switchSchedule(input, lambdaContext(name));
    const environment = await deployedEnvironment(pipeline, console);
    const handler = stack.use(
      httpFunction({
        name: 'console-api',
        open: ({ invokedFunctionArn }) =>
          openConsole({
            ...{ environment, functionArn: invokedFunctionArn, version: 'test', checkAnswers: true },
            pages: join(import.meta.dirname, '../../web/console/dist'),
            onFailure: (error) => failures.push(error),
          }),
      }),
    );
    const held: { provider: OidcProvider | null } = { provider: null };
    const gateway = stack.use(
      new HttpApiGateway({
        console,
        now,
        publicKey: () => held.provider!.publicKey,
        target: (event) => handler(event, lambdaContext('console-api')),
      }),
    );
    await gateway.listen();
    const provider = stack.use(
      new OidcProvider({
        issuer: ISSUER,
        clientId: 'pages',
        users: [VIEWER, OPERATOR, OUTSIDER],
        redirects: [`${gateway.url}/signed-in`],
        origin: gateway.url,
        now,
      }),
    );
    await provider.listen();
    held.provider = provider;
    const browser = await launchChromium();
    stack.defer(() => browser.close());
    const contexts = async (scheme: 'light' | 'dark'): Promise<BrowserContext> => {
      const context = await browser.newContext({ colorScheme: scheme, viewport: { width: 1440, height: 1000 } });
      // Only the browser believes in the name: what it asks there is answered on loopback.
      await context.route(`${ISSUER}/**`, async (route) => {
        const { pathname, search } = new URL(route.request().url());
        const response = await route.fetch({ url: `${provider.url}${pathname}${search}`, maxRedirects: 0 });
        await route.fulfill({ response });
      });
      return context;
    };
    return new SignedInConsole({ provider, gateway, instance: pipeline.name }, time, stack.move(), contexts);
  }

  /** For gateway and provider, not for the browser: its tokens are over without its knowing. */
  letTimePass(milliseconds: number): void {
    this.#time.ahead += milliseconds;
  }

  /** A page of a new browser profile, in which nobody is signed in. */
  async openPage(path: string, scheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const page = await (await this.#contexts(scheme)).newPage();
    page.setDefaultTimeout(STEP_MILLISECONDS);
    page.on('pageerror', (error) => this.complaints.push(`${page.url()}: ${error.message}`));
    page.on('console', (message) => {
      const isAnswer = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isAnswer) this.complaints.push(`${page.url()}: ${message.text()}`);
    });
    await page.goto(`${this.gateway.url}${path}`);
    return page;
  }

  /** From the sign-in page through the provider's, and back. */
  async signIn(page: Page, { name, password }: ProviderUser): Promise<void> {
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel('User').fill(name);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.waitForURL((url) => url.origin === this.gateway.url && url.pathname !== '/signed-in');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** The environment of the stack's function, for services on loopback; its document is put where it is named. */
async function deployedEnvironment(
  pipeline: DeployedPipeline,
  console: SynthesisedConsole,
): Promise<Record<string, string>> {
  const { roles, allowList } = consoleDocument.parse(console.document);
  const document = {
    pipelines: [{ name: pipeline.name, settings: 'assets/settings.json', reader: 'fargate' }],
    roles,
    allowList,
  };
  const place = { Bucket: pipeline.s3.bucket, Key: 'assets/console.json' };
  await pipeline.s3.client().send(new PutObjectCommand({ ...place, Body: JSON.stringify(document) }));
  vi.stubEnv('AWS_ENDPOINT_URL_CLOUDWATCH_LOGS', pipeline.services.endpoint);
  return {
    ...pipeline.environment,
    PENSTOCK_CONSOLE: `s3://${place.Bucket}/${place.Key}`,
    PENSTOCK_SIGN_IN: console.environment?.['PENSTOCK_SIGN_IN'] ?? '',
  };
}
