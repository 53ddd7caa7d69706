import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';
import { ratchet } from './tools/ratchet.js';

// Who may import whom. A service never imports a service; cores stand on the pure packages alone.
const boundaries = [
  { sourceTag: 'layer:pure', onlyDependOnLibsWithTags: ['layer:pure'] },
  {
    sourceTag: 'layer:core',
    onlyDependOnLibsWithTags: ['layer:pure'],
    bannedExternalImports: ['*'],
  },
  { sourceTag: 'layer:api', onlyDependOnLibsWithTags: ['layer:pure', 'layer:core'] },
  {
    sourceTag: 'layer:adapter',
    onlyDependOnLibsWithTags: ['layer:pure', 'layer:api', 'layer:adapter', 'layer:testkit'],
  },
  {
    sourceTag: 'layer:shell',
    onlyDependOnLibsWithTags: ['layer:pure', 'layer:api', 'layer:adapter', 'layer:shell'],
  },
  {
    sourceTag: 'layer:testkit',
    onlyDependOnLibsWithTags: ['layer:pure', 'layer:api', 'layer:adapter', 'layer:testkit'],
  },
  {
    sourceTag: 'layer:service',
    onlyDependOnLibsWithTags: [
      'layer:pure',
      'layer:core',
      'layer:api',
      'layer:adapter',
      'layer:shell',
      'layer:testkit',
    ],
    bannedExternalImports: ['@nats-io/*', '@grpc/*'],
  },
  {
    sourceTag: 'layer:app',
    onlyDependOnLibsWithTags: ['*'],
    bannedExternalImports: ['@nats-io/*'],
  },
  {
    sourceTag: 'layer:test',
    onlyDependOnLibsWithTags: ['*'],
    bannedExternalImports: ['@nats-io/*'],
  },
];

// Each adapter is the only importer of its library.
const soleImporters = [
  { owner: 'libs/bus', patterns: ['@nats-io/*', 'nats'] },
  { owner: 'libs/rpc', patterns: ['@grpc/*', 'grpc-health-check'] },
  { owner: 'libs/telemetry', patterns: ['pino', 'pino-pretty', 'prom-client', '@opentelemetry/*'] },
];

const pureGlobs = ['libs/base/src/**/*.ts', 'libs/lang/src/**/*.ts', 'libs/model/src/**/*.ts'];
const coreGlobs = ['libs/core-*/src/**/*.ts'];
const testGlobs = ['**/*.test.ts', 'test/**/*.ts', '**/src/testing/**/*.ts'];

export default tseslint.config(
  { ignores: ['**/node_modules/**', 'libs/api/src/gen/**', '.nx/**', 'coverage/**'] },
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx, '@typescript-eslint': tseslint.plugin },
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { enforceBuildableLibDependency: false, allow: [], depConstraints: boundaries },
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 12],
      'max-params': ['error', 4],
      eqeqeq: 'error',
      'no-eval': 'error',
      'no-new-func': 'error',
      'prefer-const': 'error',
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: soleImporters.flatMap((rule) => rule.patterns),
              message: 'Go through the adapter in libs/ that owns this library.',
            },
            { group: ['@argosy/*/src/*'], message: "Import from the package's public door." },
          ],
        },
      ],
    },
  },
  ...soleImporters.map(({ owner, patterns }) => ({
    files: [`${owner}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: soleImporters
                .flatMap((rule) => rule.patterns)
                .filter((pattern) => !patterns.includes(pattern)),
              message: 'Go through the adapter in libs/ that owns this library.',
            },
          ],
        },
      ],
    },
  })),
  {
    // Pure code takes time, ids and randomness as data.
    files: [...pureGlobs, ...coreGlobs],
    ignores: testGlobs,
    rules: {
      'no-restricted-imports': ['error', { patterns: ['node:*', '@nats-io/*', '@grpc/*'] }],
      'no-restricted-globals': [
        'error',
        'process',
        'setTimeout',
        'setInterval',
        'fetch',
        'console',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time is an input.' },
        { object: 'Math', property: 'random', message: 'Randomness is an input.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Time is an input.',
        },
      ],
    },
  },
  {
    files: coreGlobs,
    ignores: testGlobs,
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: ':function[async=true]', message: 'A core is synchronous.' },
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Time is an input.',
        },
      ],
    },
  },
  {
    // The tests of a core need a test runner; the core itself needs no package at all.
    files: testGlobs,
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          allow: [],
          depConstraints: boundaries.map((rule) =>
            rule.sourceTag === 'layer:core' ? { ...rule, bannedExternalImports: [] } : rule,
          ),
        },
      ],
      'max-lines-per-function': 'off',
      'max-lines': ['error', { max: 600, skipBlankLines: true, skipComments: true }],
    },
  },
  ...ratchet,
);
