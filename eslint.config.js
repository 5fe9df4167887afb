import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const TIME_AND_CHANCE = [
  { object: 'Date', property: 'now', message: 'Inject a Clock.' },
  { object: 'Math', property: 'random', message: 'Inject a source of randomness.' },
];

/** Without it a decoder drops a U+FEFF at the beginning, and what was written is not what is read. */
const EXACT_DECODERS = {
  selector: 'NewExpression[callee.name="TextDecoder"]:not(:has(Property[key.name="ignoreBOM"]))',
  message: 'Give ignoreBOM: true, or a leading U+FEFF is lost.',
};

export default tseslint.config(
  // The types of the client are generated.
  { ignores: ['**/dist/', '**/node_modules/', '.data/', 'coverage/', 'libs/client/src/openapi.ts'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: ['./tsconfig.check.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      complexity: ['error', 8],
      'no-restricted-syntax': ['error', EXACT_DECODERS],
      'max-lines': ['error', { max: 250, skipComments: true, skipBlankLines: true }],
      'max-lines-per-function': ['error', { max: 40, skipComments: true, skipBlankLines: true }],
      'max-params': ['error', 3],
      '@typescript-eslint/max-params': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // Nest and TypeORM type their bags of options as classes.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  {
    files: ['libs/*/src/**/*.ts'],
    rules: { 'no-restricted-properties': ['error', ...TIME_AND_CHANCE], 'no-console': 'error' },
  },
  {
    // The parameters of a handler are the parts of a request.
    files: ['**/*.controller.ts'],
    rules: { 'max-params': 'off' },
  },
  {
    // A suite is one long describe; its cases are what is kept short.
    files: ['**/test/**/*.ts', 'test/**/*.ts', 'libs/conformance/src/*.ts'],
    rules: { 'max-lines-per-function': 'off', 'max-params': 'off' },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', Buffer: 'readonly', URL: 'readonly' },
    },
  },
);
