import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { noCircles } from './eslint/no_circles.js';

/** The wire's types are for every layer; what sends and receives is not. */
const WIRE_TYPES = '/api/types$';
const API = '/api/(?!types$)';

/** What a folder must not import, as it is written in an import: the layers and rooms of docs/architecture.md. */
const layer = (files, forbidden) => ({
  files: [`src/${files}`],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: forbidden.map((other) => ({
          regex: other,
          allowTypeImports: other === WIRE_TYPES,
          message: `src/${files} must not depend on this (docs/architecture.md, "Layers").`,
        })),
      },
    ],
  },
});

export default tseslint.config(
  { ignores: ['node_modules', 'src/api/schema.ts'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['*.js'] } } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { ours: { rules: { 'no-circles': noCircles } } },
    rules: { 'ours/no-circles': 'error' },
  },
  { files: ['test/**'], rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
  { files: ['*.js', 'eslint/*.js'], extends: [tseslint.configs.disableTypeChecked] },
  // `app → view → state; app → api, app → render`, and a room of `render` for each way of drawing.
  layer('state/**', [API, WIRE_TYPES, '/render/', '/view/', '/app/', '^preact$', '^three']),
  layer('view/**', [API, WIRE_TYPES, '/render/', '/app/', '^three']),
  layer('api/**', ['/state/', '/render/', '/view/', '/app/', '^preact', '^three', '^@preact']),
  layer('render/*', [
    '/state/',
    '/api/',
    '/view/',
    '/app/',
    '/webgl/',
    '/cpu/',
    '^preact',
    '^three',
    '^@preact',
  ]),
  layer('render/webgl/**', ['/state/', '/api/', '/view/', '/app/', '/cpu/', '^preact', '^@preact']),
  layer('render/cpu/**', ['/state/', '/api/', '/view/', '/app/', '/webgl/', '^preact', '^three', '^@preact']),
  layer('app/**', ['^three']),
);
