import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const outDir = fileURLToPath(new URL('../tb_tsne_plugin/static', import.meta.url));
/** What every page loads, and what only those on very many samples fetch. */
const LIMITS_KB = { page: 250, arrow: 10 };

/** Removes earlier hashed chunks first, and fails a build that has outgrown its budgets. */
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
      const sums = { page: 0, arrow: 0 };
      for (const path of files(outDir))
        sums[/arrow-[^/\\]*$/.test(path) ? 'arrow' : 'page'] += gzipSync(readFileSync(path)).length / 1000;
      for (const part of ['page', 'arrow'] as const) {
        console.log(`${part}: ${sums[part].toFixed(1)} kB gzipped in total (limit ${LIMITS_KB[part]} kB)`);
        if (sums[part] > LIMITS_KB[part])
          throw new Error(`Over its limit of ${LIMITS_KB[part]} kB: ${part}.`);
      }
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
        manualChunks: (id: string) =>
          id.includes('node_modules/three') ? 'three' : id.includes('@uwdata/flechette') ? 'arrow' : null,
      },
    },
  },
  test: { include: ['test/**/*.test.{ts,tsx}'] },
} as Parameters<typeof defineConfig>[0]);
