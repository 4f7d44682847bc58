import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// For looking at components only: the same application over sample data. Never part of the product's build.
const here = fileURLToPath(new URL('.', import.meta.url));
const repository = fileURLToPath(new URL('../..', import.meta.url));
export default defineConfig({
  root: here,
  publicDir: fileURLToPath(new URL('../public', import.meta.url)),
  plugins: [svelte()],
  server: { host: '127.0.0.1', port: 5174, strictPort: true, fs: { allow: [repository] } },
});
