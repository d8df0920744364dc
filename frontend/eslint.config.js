import js from '@eslint/js';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const above = (...folders) => ({
  patterns: [
    {
      group: folders.flatMap((folder) => [`**/${folder}`, `**/${folder}/**`]),
      message: 'Imports go down: ui > model > api, live, store, crypto, media > search, wire.gen.',
    },
    { group: ['react', 'react-dom', 'react-aria-components'], message: 'No DOM below ui.' },
  ],
});

export default tseslint.config(
  { ignores: ['src/**/*.gen.ts', 'dist'] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
    },
  },
  {
    files: ['src/ui/**/*.tsx', 'src/main.tsx'],
    ...jsxA11y.flatConfigs.strict,
    plugins: { ...jsxA11y.flatConfigs.strict.plugins, 'react-hooks': reactHooks },
    rules: {
      ...jsxA11y.flatConfigs.strict.rules,
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
    },
  },
  { files: ['src/model/**/*.ts'], rules: { 'no-restricted-imports': ['error', above('ui')] } },
  {
    files: ['src/{api,live,store,crypto,media,search}/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', above('ui', 'model')] },
  },
  { files: ['**/*.test.ts', '**/*.test.tsx'], rules: { '@typescript-eslint/unbound-method': 'off' } },
);
