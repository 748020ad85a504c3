import { endpoints } from '../../web/api/schemas/contract.ts';

/** The reference of the console's API, from the table that its routes are made of. */
export function apiPage(): string {
  const rows = endpoints().map(([call, { summary, role, query, body, status = 200 }]) => {
    const [method = '', path = ''] = call.split(' ');
    const names = [...Object.keys(query?.shape ?? {}).map((name) => `\`${name}\``)].join(', ');
    return `| \`${method} ${path}\` | ${summary} | ${role} | ${names} | ${body === undefined ? '' : 'JSON'} | ${status} |`;
  });
  return `# The console's API

Made by \`npm run docs\` from web/api/schemas. All paths are under \`/api/v1\`; \`GET /api/v1/openapi.json\` has every field of what is sent and answered.

- Bodies and answers are JSON. Names that are not known are refused.
- Errors are problem documents (\`application/problem+json\`, RFC 9457) with \`code\` ([error codes](error-codes.md)), \`remedy\` and \`problems\`, each with the path of what is wrong.
- Pages: an answer's \`next\` is the \`after\` (rollback points: \`before\`) of the next page; null on the last one.
- A change of the configuration says the \`version\` that it was made on; another one is refused with 409.

| Call | What it does | Role | Query | Body | Status |
|---|---|---|---|---|---|
${rows.join('\n')}

Beside these: \`GET /instances/{name}/live\` streams server-sent events \`dashboard\`, \`operation\` and \`log\`, \`GET /instances/{name}/logs/download\` (operator) gives the log as text, \`GET /instances/{name}/reports/csv?day=…|month=…\` a report as CSV. \`GET /healthz\` answers while the server runs.
`;
}
