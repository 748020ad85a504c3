interface DescribedError {
  readonly title: string;
  readonly retry: 'timed' | 'manual' | 'never';
  readonly remedy: string;
}

const ROOMS: Readonly<Record<string, string>> = {
  PS1: 'Configuration and use',
  PS2: 'Source',
  PS3: 'Extracts, store and catalog',
  PS4: 'Destination and loads',
  PS5: 'Verification',
  PS9: 'Penstock itself',
};

const RETRIES: Readonly<Record<DescribedError['retry'], string>> = {
  timed: 'by itself, after a pause',
  manual: 'after somebody mended it',
  never: 'never: the same call fails again',
};

/** The table of error codes for users. */
export function errorCodesPage(codes: Readonly<Record<string, DescribedError>>): string {
  const sections = Object.entries(ROOMS).map(([prefix, title]) => {
    const rows = Object.entries(codes)
      .filter(([code]) => code.startsWith(prefix))
      .map(([code, error]) => `| ${code} | ${cell(error.title)} | ${RETRIES[error.retry]} | ${cell(error.remedy)} |`);
    return `## ${title}\n\n| Code | What it is | Tried again | Remedy |\n|---|---|---|---|\n${rows.join('\n')}`;
  });
  return `# Error codes

Made by \`npm run docs\` from core/errors/codes.ts.

Every error names its code, what happened to what, and how to mend it. The message of the error is more exact than this page:
where a statement mends it, the error holds the statement.

${sections.join('\n\n')}
`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
