import * as z from 'zod';
import type { Endpoints } from './endpoint.ts';
import { jsonValue, placedProblem, testAnswer } from './values.ts';

/** The sections that are changed as a whole; tables have calls of their own. `policies`: `consistency` and `misfits`. */
export const SECTION_NAMES = [
  'source',
  'destination',
  'schedule',
  'history',
  'extracts',
  'structure',
  'policies',
  'email',
  'aws',
  'awsProxy',
] as const;
/** The sections that have a password, which is kept beside the file. */
export const SECRET_SECTIONS = ['source', 'destination', 'email', 'aws', 'awsProxy'] as const;
export type SecretSection = (typeof SECRET_SECTIONS)[number];

/** Where a password stands: in a section, or in a database that the source names beside itself: `source.rootDatabase`. */
export type SecretPlace = SecretSection | `source.${string}`;

export function hasSecret(section: string): section is SecretSection {
  return SECRET_SECTIONS.some((one) => one === section);
}

export const sectionName = z.enum(SECTION_NAMES);
export type SectionName = z.infer<typeof sectionName>;

const sectionValue = z.record(z.string(), jsonValue);
export type SectionValue = z.infer<typeof sectionValue>;

const presence = z.enum(['set', 'missing']);

/** A section as it stands in the file, without defaults and without its password. */
export const section = z.strictObject({
  value: sectionValue.nullable().describe('Null: the section is not there, and its defaults hold.'),
  /** Whether a password is set; null: the section has none. */
  password: presence.nullable(),
  passwords: z
    .record(z.string(), presence)
    .describe('Of databases that the section names beside its own, by the names of their settings.'),
});
export type Section = z.infer<typeof section>;

export const configurationProblem = placedProblem.extend({
  line: z.int(),
  column: z.int(),
});

export const configuration = z.strictObject({
  /** Changes with every change of the file; sent back with a change, so that nobody's work is overwritten. */
  version: z.string(),
  place: z.string().describe('The file.'),
  writable: z.boolean(),
  /** Whether it can be worked with. */
  complete: z.boolean(),
  sections: z.record(sectionName, section),
  tables: z.int().describe('How many tables are chosen.'),
  /** What is wrong with the whole file, each with its path; a section may be saved with problems in others. */
  problems: z.array(configurationProblem),
});
export type Configuration = z.infer<typeof configuration>;

/** JSON Schemas of the sections, from which forms are made: titles, descriptions, defaults, choices. */
export const configurationSchemas = z.strictObject({
  sources: z.array(z.strictObject({ type: z.string(), label: z.string(), schema: sectionValue })),
  destinations: z.array(z.strictObject({ type: z.string(), label: z.string(), schema: sectionValue })),
  schedule: sectionValue,
  history: sectionValue,
  extracts: sectionValue,
  structure: sectionValue,
  policies: sectionValue,
  email: sectionValue,
  aws: sectionValue,
  awsProxy: sectionValue,
  table: sectionValue,
});
export type ConfigurationSchemas = z.infer<typeof configurationSchemas>;

const password = z
  .string()
  .min(1)
  .max(4096)
  .refine((text) => !/[\r\n\0]/.test(text), 'one line')
  .describe('Kept in a file that only its owner reads; no answer ever holds it.');

const passwords = z.record(z.string(), password).optional();

export const sectionChange = z.strictObject({
  value: sectionValue,
  password: password.optional().describe('A new password; without it the one that is there stays.'),
  passwords: passwords.describe('The same for databases in the section, by the names of their settings.'),
  version: z.string(),
});
export type SectionChange = z.input<typeof sectionChange>;

/** What is given stands in for what is saved; nothing is saved. */
export const testRequest = z.strictObject({ value: sectionValue.optional(), password: password.optional(), passwords });
export type TestRequest = z.input<typeof testRequest>;

export const configurationEndpoints = {
  'GET /configuration-schemas': {
    summary: 'JSON Schemas of the settings.',
    role: 'viewer',
    answer: configurationSchemas,
  },
  'GET /instances/{name}/configuration': {
    summary: 'The settings of an instance without secrets, and what is wrong with them.',
    role: 'viewer',
    answer: configuration,
  },
  'PUT /instances/{name}/configuration/{section}': {
    summary:
      'Saves a section. Comments and other sections of the file stay. What is wrong in the section itself is refused (422).',
    role: 'operator',
    body: sectionChange,
    answer: configuration,
  },
  'POST /instances/{name}/source/test': {
    summary: 'Connects to the source and looks whether it is ready.',
    role: 'operator',
    body: testRequest,
    answer: testAnswer,
  },
  'POST /instances/{name}/destination/test': {
    summary: 'Connects to the destination and looks whether it is ready.',
    role: 'operator',
    body: testRequest,
    answer: testAnswer,
  },
  'POST /instances/{name}/aws/test': {
    summary: 'Sends a message, a line and a number that say they are a test to an AWS account.',
    role: 'operator',
    body: testRequest,
    answer: testAnswer,
  },
  'POST /instances/{name}/email/test': {
    summary: 'Sends a message that says it is a test.',
    role: 'operator',
    body: testRequest,
    answer: testAnswer,
  },
} as const satisfies Endpoints;
