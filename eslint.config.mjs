// Lint is the architecture: the layers of docs/concepts/layers.md are rules here, each seen red once by tools/layers.spec.
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** Which kind of package may import which (the tag of its package.json). */
export const layers = [
  { sourceTag: 'type:domain', onlyDependOnLibsWithTags: ['type:domain'], allowedExternalImports: ['big.js'] },
  { sourceTag: 'type:contracts', onlyDependOnLibsWithTags: ['type:contracts', 'type:domain'] },
  { sourceTag: 'type:platform', onlyDependOnLibsWithTags: ['type:platform'] },
  { sourceTag: 'type:messaging', onlyDependOnLibsWithTags: ['type:messaging', 'type:platform'] },
  { sourceTag: 'type:exchanges', onlyDependOnLibsWithTags: ['type:exchanges', 'type:domain', 'type:platform'] },
  {
    sourceTag: 'type:runtime',
    onlyDependOnLibsWithTags: ['type:runtime', 'type:platform', 'type:messaging', 'type:contracts'],
  },
  {
    sourceTag: 'type:testing',
    onlyDependOnLibsWithTags: [
      'type:testing',
      'type:domain',
      'type:contracts',
      'type:platform',
      'type:messaging',
      'type:exchanges',
    ],
  },
  {
    sourceTag: 'type:service',
    onlyDependOnLibsWithTags: [
      'type:domain',
      'type:contracts',
      'type:platform',
      'type:messaging',
      'type:exchanges',
      'type:runtime',
    ],
  },
  {
    sourceTag: 'type:app',
    onlyDependOnLibsWithTags: [
      'type:service',
      'type:domain',
      'type:contracts',
      'type:platform',
      'type:messaging',
      'type:exchanges',
      'type:runtime',
      'type:testing',
    ],
  },
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/*.mjs', '**/*.cjs', '**/node_modules/**', 'services/console/**', '**/gen/**'] },
  ...tseslint.configs.strictTypeChecked.map((c) => ({ ...c, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-floating-promises': 'error',
      // `unit.get<Account>(...)` and `query<Row>(...)` state what was stored; Nest declares its options as classes.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@nx/enforce-module-boundaries': ['error', { allow: [], depConstraints: layers }],
    },
  },
  {
    // Tests look into answers as they come, JSON of any shape.
    files: ['**/*.spec.ts', 'libs/testing/**/*.ts', '**/src/testing/**/*.ts', '**/src/*-testing/**/*.ts'],
    rules: {
      '@nx/enforce-module-boundaries': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['libs/domain/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group: ['node:*'], message: 'The domain has no I/O.' }] }],
      'no-restricted-globals': ['error', 'process', 'fetch', 'setTimeout', 'setInterval', 'console', 'crypto'],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now' },
        { object: 'Math', property: 'random' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
          message: 'Take the time from the command.',
        },
        { selector: ':function[async=true]', message: 'The domain is synchronous.' },
        { selector: 'ThrowStatement', message: 'Return a refusal.' },
      ],
    },
  },
  prettier,
);
