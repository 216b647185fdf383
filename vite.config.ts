import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const web = fileURLToPath(new URL('./src/web', import.meta.url));

/** Each app is one page: an HTML file here and the folder with its `main.tsx`. */
const input = [
  'index.html',
  'softphone.html',
  'sign-in.html',
  'call.html',
  'setup.html',
  'supervisor.html',
  'wallboard.html',
].map((page) => `${web}/${page}`);

/** `npm run build` calls this with an `outDir`; `npx vite` serves the pages against a server on the default port. */
export default defineConfig({
  root: web,
  plugins: [react()],
  build: {
    outDir: fileURLToPath(new URL('./dist/web', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // The first with `light-dark()`: rewritten for older ones, it would need variables that the theme does not set.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    sourcemap: true,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      input,
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\//, priority: 3 },
            // But for its charts: with them every page would load what draws them.
            { name: 'mantine', test: /node_modules\/(@mantine\/(?!charts\/)|@floating-ui\/)/, priority: 2 },
            { name: 'numbers', test: /node_modules\/libphonenumber-js\//, priority: 2 },
            {
              name: 'charts',
              test: /node_modules\/(@mantine\/charts\/|recharts|d3-|victory-vendor|@reduxjs|react-redux|immer)/,
              priority: 1,
            },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': { target: 'http://127.0.0.1:8080', ws: true } } },
});
