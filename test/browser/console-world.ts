import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { createConnection, type Connection } from 'mysql2/promise';
import type { Client } from 'pg';
import type { BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Log } from '../../core/host/host.ts';
import type { ConnectSource } from '../../core/sources/registry.ts';
import { HomeConsole } from '../../web/local/home-console.ts';
import { serveConsole, type ServedConsole } from '../../web/local/serve-console.ts';
import type { ServerAddress } from '../fixtures/server-process.ts';
import { eventually } from '../fixtures/eventually.ts';
import { setUpInstance, startInstance, type InstanceSetUp } from '../fixtures/set-up-instance.ts';
import { connectPostgres, createDatabase } from '../fixtures/postgres-server.ts';
import { launchChromium, STEP_MILLISECONDS } from './chromium.ts';

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A source and a destination that run. */
export interface ConsoleServers {
  readonly postgres: ServerAddress;
  readonly mariadb: ServerAddress;
}

/** An empty home folder, its console as it is served to a user's machine, two databases, and a browser. */
export class ConsoleWorld implements AsyncDisposable {
  readonly database: string;
  /** The folder of its instances. */
  readonly home: string;
  readonly addresses: ConsoleServers;
  readonly served: ServedConsole;
  /** The same console for somebody who may only look. */
  readonly servedToViewer: ServedConsole;
  readonly source: Client;
  readonly destination: Connection;
  /** What a browser complained of in any page: errors of scripts, and of the content security policy. */
  readonly complaints: string[] = [];
  readonly #stack: AsyncDisposableStack;
  readonly #contexts: (scheme: 'light' | 'dark') => Promise<BrowserContext>;

  private constructor(
    parts: Pick<
      ConsoleWorld,
      'database' | 'home' | 'addresses' | 'served' | 'servedToViewer' | 'source' | 'destination'
    >,
    stack: AsyncDisposableStack,
    contexts: (scheme: 'light' | 'dark') => Promise<BrowserContext>,
  ) {
    this.database = parts.database;
    this.home = parts.home;
    this.addresses = parts.addresses;
    this.served = parts.served;
    this.servedToViewer = parts.servedToViewer;
    this.source = parts.source;
    this.destination = parts.destination;
    this.#stack = stack;
    this.#contexts = contexts;
  }

  /** @param label part of the names of its databases @param connect another way to sources than the product's */
  static async open(
    label: string,
    { postgres, mariadb }: ConsoleServers,
    connect?: ConnectSource,
  ): Promise<ConsoleWorld> {
    await using stack = new AsyncDisposableStack();
    const database = `${label}_${process.pid}`;
    await createDatabase(postgres, database);
    const source = await connectPostgres(postgres, database);
    stack.defer(() => source.end());
    const destination = await createConnection({ ...mariadb });
    stack.defer(() => destination.end());
    await destination.query(`CREATE DATABASE \`${database}\``);
    stack.defer(async () => {
      await destination.query(`DROP DATABASE \`${database}\``);
    });
    stack.defer(async () => {
      await source.query(
        'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database() AND NOT active',
      );
    });
    const home = mkdtempSync(join(tmpdir(), 'penstock-console-'));
    stack.defer(() => rmSync(home, { recursive: true, force: true }));
    const way = connect === undefined ? {} : { connect };
    const host = stack.use(await HomeConsole.open({ home, version: 'test', environment: {}, log: silent, ...way }));
    const failures: unknown[] = [];
    stack.defer(() => {
      if (failures.length > 0) throw new AggregateError(failures, 'the console failed to answer');
    });
    const onFailure = (error: unknown) => failures.push(error);
    const options = { port: 0, onFailure, checkAnswers: true };
    const served = stack.use(await serveConsole(host, options));
    const identify = () => ({ user: 'vera', role: 'viewer' }) as const;
    const servedToViewer = stack.use(await serveConsole(host, { ...options, identify }));
    const browser = await launchChromium();
    stack.defer(() => browser.close());
    const contexts = (scheme: 'light' | 'dark') =>
      browser.newContext({ colorScheme: scheme, viewport: { width: 1440, height: 1000 }, timezoneId: 'Europe/Berlin' });
    return new ConsoleWorld(
      { database, home, addresses: { postgres, mariadb }, served, servedToViewer, source, destination },
      stack.move(),
      contexts,
    );
  }

  /** A page of a new browser profile. */
  async openPage(path: string, scheme: 'light' | 'dark' = 'light', served = this.served): Promise<Page> {
    const page = await (await this.#contexts(scheme)).newPage();
    page.setDefaultTimeout(STEP_MILLISECONDS);
    page.on('pageerror', (error) => this.complaints.push(`${page.url()}: ${error.message}`));
    page.on('console', (message) => {
      // A refused request is said by the page itself; the browser's own line about it is no fault of the page.
      const isAnswer = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isAnswer) this.complaints.push(`${page.url()}: ${message.text()}`);
    });
    await page.goto(`${served.url}${path}`);
    return page;
  }

  /** The instance `shop` between the two databases, set up by the API: for pages that are not about set-up. */
  async setUpShop(setUp: Pick<InstanceSetUp, 'tables' | 'policies'>): Promise<void> {
    const section = (type: string, { host, port, user, password }: ServerAddress) => ({
      value: { type, host, port, user, database: this.database },
      password,
    });
    const { postgres, mariadb } = this.addresses;
    await setUpInstance(this.served.url, {
      ...{ name: 'shop', source: section('postgres', postgres), destination: section('singlestore', mariadb) },
      ...setUp,
    });
  }

  /** Copies the tables of `shop`, and lets it follow their changes. */
  startShop(): Promise<void> {
    return startInstance(this.served.url, 'shop');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/**
 * What a page showed when a test failed, for whoever looks why: what its window shows, since a whole page is drawn in a window as high as
 * itself, where nothing stands where it stood. A page that cannot be shown any more hides no failure.
 */
export async function keepPicture(page: Page): Promise<void> {
  const name = (expect.getState().currentTestName ?? 'test').replaceAll(/\W+/g, '-').slice(0, 80);
  const path = join(import.meta.dirname, `../../.cache/test/browser-${name}.png`);
  await page.screenshot({ path, timeout: 5000 }).catch((error: unknown) => {
    process.stderr.write(`no picture of ${page.url()}: ${String(error)}\n`);
  });
}

const FADING_IN = `document.getAnimations()
  .filter((one) => one.playState === 'running' && one.effect?.getTiming().iterations !== Infinity).length`;

/** Waits until nothing fades in any more. Asked from outside: the pages' policy forbids to wait in them. */
export async function comesToRest(page: Page): Promise<void> {
  await eventually(async () => (await page.evaluate<number>(FADING_IN)) === 0);
}

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string }[];
}

/** What axe finds of serious and critical faults in a page, each in a line. */
export async function seriousFaults(page: Page): Promise<string[]> {
  // What is still fading in has the contrast of neither.
  await comesToRest(page);
  await page.evaluate(AXE);
  const violations = await page.evaluate<readonly Violation[]>(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }).then((result) => result.violations)`,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, impact, nodes }) =>
        `${id} (${impact ?? ''}): ${nodes
          .map((node) => node.html)
          .join(' | ')
          .slice(0, 500)}`,
    );
}
