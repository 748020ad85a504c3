import type { Command } from 'commander';

/** The reference of the command line, from the help texts that it prints itself. */
export function cliPage(command: Command): string {
  const verbs = command.commands.map(
    (verb) => `## ${verb.name()}\n\n\`\`\`text\n${verb.helpInformation().trimEnd()}\n\`\`\``,
  );
  return `# The command line

Made by \`npm run docs\` from cli/.

\`\`\`sh
npm run -s penstock -- <verb> [--config penstock.yaml] [--json]
\`\`\`

| Exit code | Meaning |
|---|---|
| 0 | done |
| 1 | failed, different, or a table is stopped |
| 2 | the command line or the configuration is wrong |

Results go to stdout; progress, log lines and errors go to stderr. With \`--json\`, stdout holds exactly one JSON object,
\`{"ok": true, "verb": …}\` or \`{"ok": false, "verb": …, "error": {"code", "message", "remedy"}}\`.
On a terminal progress is shown as bars, otherwise as plain lines. SIGINT (Ctrl-C) and SIGTERM stop cleanly; a second one ends at once.

${verbs.join('\n\n')}
`;
}
