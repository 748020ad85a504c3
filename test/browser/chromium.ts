import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

/** What a browser and each step in a page may take, in milliseconds: less than a test may, so that its failure names the step. */
export const STEP_MILLISECONDS = 300_000;
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The machine's own Chromium: nothing is downloaded. @throws Error that says how to install it */
export function findChromium(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((candidate) => existsSync(candidate));
  if (found === undefined) {
    throw new Error('Chromium is missing: apt-get install --no-install-recommends chromium');
  }
  return found;
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    timeout: STEP_MILLISECONDS,
    // Chromium's sandbox refuses to run as root, which containers and build machines are.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}
