import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

// What is built must work under the strict policy of conf/dashboard.conf: no
// inline script or style, no data: addresses.
export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  base: '/ui/',
  build: {
    target: 'es2022',
    outDir: process.env.UI_OUT ?? 'dist',
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    minify: 'terser',
    terserOptions: { ecma: 2020, module: true, compress: { passes: 2 } },
    // all but the first page and the canvas as one: together they weigh less
    rollupOptions: {
      output: {
        manualChunks: (id) => (/\/src\/pages\/(?!Agents|NotFound|SignIn)/.test(id) ? 'pages' : undefined),
        onlyExplicitManualChunks: true,
      },
    },
  },
  server: { proxy: { '/ui-api': process.env.UI_API ?? 'http://127.0.0.1:8080' } },
  test: { environment: 'jsdom', include: ['src/**/*.test.ts'] },
});
