import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const outDir = fileURLToPath(new URL('../tb_tsne_plugin/static', import.meta.url));
const LIMIT_KB = 250;

/** Removes earlier hashed chunks first, and fails a build that has outgrown its budget. */
function budget(): Plugin {
  let production = false;
  const files = (folder: string): string[] =>
    readdirSync(folder).flatMap((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? files(path) : path.endsWith('.js') ? [path] : [];
    });
  return {
    name: 'budget',
    configResolved(config) {
      production = config.command === 'build' && config.mode === 'production';
    },
    buildStart() {
      if (production) rmSync(join(outDir, 'assets'), { recursive: true, force: true });
    },
    closeBundle() {
      if (!production) return;
      const kb = files(outDir).reduce((sum, path) => sum + gzipSync(readFileSync(path)).length, 0) / 1000;
      console.log(`bundle: ${kb.toFixed(1)} kB gzipped in total (limit ${LIMIT_KB} kB)`);
      if (kb > LIMIT_KB) throw new Error(`The bundle is over its limit of ${LIMIT_KB} kB.`);
    },
  };
}

export default defineConfig({
  // Everything is addressed relative to the module itself: TensorBoard may live under any --path_prefix.
  base: './',
  plugins: [budget()],
  build: {
    outDir,
    emptyOutDir: false,
    target: 'es2022',
    modulePreload: false,
    // Of every package that is in the bundle, as their licences ask of whoever passes it on.
    license: { fileName: 'licenses.md' },
    rolldownOptions: {
      input: fileURLToPath(new URL('src/main.tsx', import.meta.url)),
      preserveEntrySignatures: 'strict',
      output: {
        format: 'es',
        entryFileNames: 'index.js',
        chunkFileNames: 'assets/[name]-[hash].js',
        assetFileNames: 'assets/[name]-[hash][extname]',
        // three.js changes seldom: in a file of its own a browser keeps it when the page changes.
        manualChunks: (id: string) => (id.includes('node_modules/three') ? 'three' : null),
      },
    },
  },
  test: { include: ['test/**/*.test.{ts,tsx}'] },
} as Parameters<typeof defineConfig>[0]);
