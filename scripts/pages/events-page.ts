import { attributesOf, FLOW_EVENTS, FLOW_EVENT_TYPES } from '../../core/events/flow-events.ts';

/** The attributes of the events of SingleStore Flow. */
export function eventsPage(): string {
  const sections = FLOW_EVENT_TYPES.map((type) => {
    const rows = attributesOf(type).map(
      ([name, { metric, description }]) => `| \`${name}\` | ${metric ? 'Y' : 'N'} | ${description} |`,
    );
    return `## ${type}\n\n${FLOW_EVENTS[type].description}.\n\n| Attribute | Metric | Description |\n|---|---|---|\n${rows.join('\n')}`;
  });
  return `# Events of SingleStore Flow: attributes

Made by \`npm run docs\` from core/events/flow-events.ts. [events.md](../events.md) says when they are written and where they go.

${sections.join('\n\n')}
`;
}
