import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import type { Log } from '../../core/host/host.ts';
import { httpFunction } from '../../functions/frame/http-frame.ts';
import type { ConsoleHost } from '../../web/api/console-host.ts';
import { consoleApp } from '../../web/aws/console-app.ts';
import { consoleDocument, consoleEnvironment } from '../../web/aws/console-environment.ts';
import { HomeConsole } from '../../web/local/home-console.ts';
import { lambdaContext } from '../fixtures/deployed-pipeline.ts';
import { HttpApiGateway } from '../fixtures/http-api-gateway.ts';
import { OidcProvider, type ProviderUser } from '../fixtures/oidc-provider.ts';
import { synthesiseConsole } from '../fixtures/synthesised-console.ts';
import { launchChromium } from './chromium.ts';

const WAIT_MILLISECONDS = 20_000;
const ISSUER = 'https://identity.test';
export const VIEWER: ProviderUser = { name: 'vera', password: 'v', groups: ['staff', 'watchers'] };
export const OPERATOR: ProviderUser = { name: 'otto', password: 'o', groups: ['keepers'] };
export const OUTSIDER: ProviderUser = { name: 'nora', password: 'n', groups: ['staff'] };

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** Nothing is connected to: the pipeline was never started. */
const CONFIGURATION = `pipeline: shop
source: { type: postgres, host: 127.0.0.1, port: 1, database: shop, user: penstock, password: { environment: NONE } }
destination: { type: singlestore, host: 127.0.0.1, port: 1, database: shop, user: penstock, password: { environment: NONE } }
tables: [{ name: public.orders }]
`;

/**
 * The console behind API Gateway as the stack would deploy it, with a provider to sign in at, and a browser. What answers is the app
 * of the function; behind it are the instances of a home folder.
 */
export class SignedInConsole implements AsyncDisposable {
  readonly provider: OidcProvider;
  readonly gateway: HttpApiGateway;
  /** What a browser complained of in any page. */
  readonly complaints: string[] = [];
  readonly #stack: AsyncDisposableStack;
  readonly #contexts: (scheme: 'light' | 'dark') => Promise<BrowserContext>;
  readonly #time: { ahead: number };

  private constructor(
    parts: Pick<SignedInConsole, 'provider' | 'gateway'>,
    time: { ahead: number },
    stack: AsyncDisposableStack,
    contexts: (scheme: 'light' | 'dark') => Promise<BrowserContext>,
  ) {
    this.provider = parts.provider;
    this.gateway = parts.gateway;
    this.#time = time;
    this.#stack = stack;
    this.#contexts = contexts;
  }

  static async open(): Promise<SignedInConsole> {
    await using stack = new AsyncDisposableStack();
    const time = { ahead: 0 };
    const now = (): number => Date.now() + time.ahead;
    const console = await synthesiseConsole('standard', {
      signIn: {
        tag: 'oidc',
        issuer: ISSUER,
        clientId: 'pages',
        audience: ['console'],
        claim: 'groups',
        viewer: ['watchers'],
        operator: ['keepers'],
        user: ['preferred_username'],
      },
    });
    const failures: unknown[] = [];
    stack.defer(() => {
      if (failures.length > 0) throw new AggregateError(failures, 'the console failed to answer');
    });
    const home = stack.use(await homeOf(stack));
    const app = consoleApp(asDeployed(home), {
      environment: consoleEnvironment(console.environment ?? {}),
      document: consoleDocument.parse(console.document),
      pages: join(import.meta.dirname, '../../web/console/dist'),
      onFailure: (error) => failures.push(error),
      checkAnswers: true,
    });
    const opened = { app, [Symbol.dispose]: () => undefined };
    const handler = stack.use(httpFunction({ name: 'console-api', open: () => Promise.resolve(opened) }));
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
    return new SignedInConsole({ provider, gateway }, time, stack.move(), contexts);
  }

  /** For gateway and provider, not for the browser: its tokens are over without its knowing. */
  letTimePass(milliseconds: number): void {
    this.#time.ahead += milliseconds;
  }

  /** A page of a new browser profile, in which nobody is signed in. */
  async openPage(path: string, scheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const page = await (await this.#contexts(scheme)).newPage();
    page.setDefaultTimeout(WAIT_MILLISECONDS);
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

async function homeOf(stack: AsyncDisposableStack): Promise<HomeConsole> {
  const home = mkdtempSync(join(tmpdir(), 'penstock-console-'));
  stack.defer(() => rmSync(home, { recursive: true, force: true }));
  mkdirSync(join(home, 'shop'));
  writeFileSync(join(home, 'shop/penstock.yaml'), CONFIGURATION);
  return HomeConsole.open({ home, version: 'test', environment: {}, log: silent });
}

/** What pages are told of the place where they are. */
function asDeployed(home: HomeConsole): ConsoleHost {
  return {
    kind: 'aws',
    version: home.version,
    canConfigure: false,
    only: null,
    live: 'poll',
    instances: () => home.instances(),
    instance: (name) => home.instance(name),
    create: (name) => home.create(name),
    open: (name) => home.open(name),
  };
}
