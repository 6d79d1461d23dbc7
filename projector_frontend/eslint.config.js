import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** `main → view → state; main → api, main → render`: each layer's forbidden imports. */
const layer = (name, forbidden) => ({
  files: [`src/${name}/**/*.{ts,tsx}`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: forbidden.map((other) => ({
          regex: other,
          message: `${name} must not depend on this (see ARCHITECTURE.md, "Who may import whom").`,
        })),
      },
    ],
  },
});

export default tseslint.config(
  { ignores: ['node_modules'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['*.js'] } } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
      eqeqeq: 'error',
    },
  },
  { files: ['test/**'], rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
  { files: ['*.js'], extends: [tseslint.configs.disableTypeChecked] },
  layer('state', ['/api/', '/render/', '/view/', '/main/', '^preact$', '^three']),
  layer('api', ['/state/', '/render/', '/view/', '/main/', '^preact', '^three', '^@preact']),
  layer('render', ['/state/', '/api/', '/view/', '/main/', '^preact', '^@preact']),
  layer('view', ['/api/', '/render/', '/main/', '^three']),
);
