import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { serviceWorker } from './shellFiles.ts';

// The bundle must run under the server's policy: no inline script or style, no eval, nothing from elsewhere.
export default defineConfig({
  plugins: [react(), serviceWorker()],
  // The roots that this build trusts, so that no server can name another (docs/operations.md).
  define: { CONSILIUM_ROOTS: JSON.stringify(process.env.CONSILIUM_ROOTS ?? '') },
  build: {
    outDir: 'dist',
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    sourcemap: false,
    chunkSizeWarningLimit: 1300,
    rolldownOptions: {
      input: { index: 'index.html', sw: 'src/offline/serviceWorker.ts' },
      // The one script whose address never changes: a browser looks there for the next version.
      output: { entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
  },
  worker: { format: 'es' },
  server: {
    port: 5173,
    proxy: {
      '/api': 'http://127.0.0.1:8000',
      '/_allauth': 'http://127.0.0.1:8000',
      '/ws': { target: 'ws://127.0.0.1:8000', ws: true },
    },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx'],
    testTimeout: 20_000,
  },
});
