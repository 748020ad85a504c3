import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const boundary = (...groups) => ({
  'no-restricted-imports': ['error', { patterns: groups.map(([group, message]) => ({ group, message })) }],
});

/** What makes a run depend on more than its inputs: the host provides time, randomness and identifiers. */
const nondeterminism = [
  ['Date', 'now'],
  ['Math', 'random'],
  ['performance', 'now'],
  ['crypto', 'randomUUID'],
].map(([object, property]) => ({
  object,
  property,
  message: 'core is deterministic: ask the host (Clock, Identifiers).',
}));

/** `z` and the default export hold all of Zod, its messages in every language too: no bundle can leave anything of them out. */
const wholeZod = ['ImportSpecifier[imported.name=/^(z|default)$/][importKind!="type"]', 'ImportDefaultSpecifier'].map(
  (specifier) => ({
    selector: `ImportDeclaration[source.value=/^zod(\\u002F|$)/][importKind!="type"] > ${specifier}`,
    message: "Write import * as z from 'zod': this one brings all of Zod, with all its languages, into every bundle.",
  }),
);

export default tseslint.config(
  { ignores: ['node_modules/**', 'coverage/**', 'web/console/dist/**', 'cdk.out/**', '.penstock/**', '.cache/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-restricted-properties': 'off',
      'no-restricted-syntax': ['error', ...wholeZod],
      eqeqeq: 'error',
      complexity: ['error', 20],
      'max-lines-per-function': ['error', { max: 90, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['core/**/*.ts'],
    ignores: ['core/**/*.test.ts'],
    rules: {
      'no-restricted-properties': ['error', ...nondeterminism],
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'setImmediate', 'process', 'fetch'],
      'no-restricted-syntax': [
        'error',
        ...wholeZod,
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'core is deterministic: ask the clock.',
        },
      ],
      ...boundary(
        [
          [
            '**/hosts/**',
            '**/cli/**',
            '**/containers/**',
            '**/functions/**',
            '**/infra/**',
            '**/web/**',
            '**/test/**',
            '**/bench/**',
          ],
          'core imports only core',
        ],
        [['@aws-sdk/*', 'aws-cdk-lib*'], 'core knows no AWS'],
      ),
    },
  },
  {
    files: ['hosts/**/*.ts'],
    rules: boundary([
      [
        '**/cli/**',
        '**/containers/**',
        '**/functions/**',
        '**/infra/**',
        '**/web/**',
        '**/test/**',
        '**/bench/**',
        '**/demo/**',
      ],
      'hosts import only core',
    ]),
  },
  {
    files: ['functions/**/*.ts', 'containers/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: boundary(
      [['**/infra/**', '**/cli/**', '**/test/**', '**/hosts/local/**'], 'what runs on AWS uses hosts/aws and core'],
      [['aws-cdk-lib*', 'constructs'], 'what runs knows nothing of how it is deployed'],
    ),
  },
  {
    files: ['web/console/**/*.ts', 'web/console/**/*.tsx'],
    ignores: ['**/*.test.ts', 'web/console/vite.config.ts'],
    rules: boundary([
      ['**/core/**', '**/hosts/**', '**/cli/**', '**/functions/**', '**/infra/**', '**/test/**', 'node:*'],
      'the pages know the API, and nothing behind it',
    ]),
  },
  {
    files: ['web/api/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: boundary([
      ['**/hosts/**', '**/cli/**', '**/functions/**', '**/infra/**', '**/test/**', '**/console/**'],
      'the API knows the core and its own port; who mounts it chooses the host',
    ]),
  },
  {
    files: ['infra/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: boundary([
      ['**/hosts/**', '**/functions/**', '**/containers/**', '**/cli/**', '**/web/**', '**/test/**'],
      'infra names entry files, it does not run them',
    ]),
  },
  {
    files: ['**/*.test.ts', 'test/**/*.ts', 'bench/**/*.ts', 'demo/**/*.ts'],
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly', Buffer: 'readonly' } },
  },
);
