import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The pages as files that any host can serve: every name carries a hash of its content, nothing is inline. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
  },
});
