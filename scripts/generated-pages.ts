import { format, resolveConfig } from 'prettier';
import { SECTIONS } from '../core/pipeline/checked-settings.ts';
import { program } from '../cli/program.ts';
import { VERBS } from '../cli/verbs.ts';
import { ERROR_CODES } from '../core/errors/codes.ts';
import { apiPage } from './pages/api-page.ts';
import { cliPage } from './pages/cli-page.ts';
import { configurationPage } from './pages/configuration-page.ts';
import { costPage } from './pages/cost-page.ts';
import { eventsPage } from './pages/events-page.ts';
import { errorCodesPage } from './pages/error-codes-page.ts';

export interface GeneratedPage {
  /** From the root of the project. */
  readonly path: string;
  readonly text: string;
}

/** Every page that is made from the source, formatted as the rest of the project. */
export async function generatedPages(): Promise<GeneratedPage[]> {
  const nowhere = { out: () => undefined, err: () => undefined };
  const pages = [
    { path: 'docs/generated/error-codes.md', text: errorCodesPage(ERROR_CODES) },
    { path: 'docs/generated/api.md', text: apiPage() },
    { path: 'docs/generated/events.md', text: eventsPage() },
    { path: 'docs/generated/cli.md', text: cliPage(program(VERBS, '', nowhere, () => undefined)) },
    { path: 'docs/configuration.md', text: configurationPage(SECTIONS) },
    { path: 'docs/cost.md', text: costPage() },
  ];
  const options = await resolveConfig(import.meta.filename);
  return Promise.all(
    pages.map(async ({ path, text }) => ({ path, text: await format(text, { ...options, parser: 'markdown' }) })),
  );
}
