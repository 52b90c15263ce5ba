import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { compressed } from './build/compressed.ts'

export default defineConfig({
  plugins: [react(), compressed()],
  resolve: { conditions: ['steptrail:source', 'module', 'browser', 'production'] },
  // The server writes another one into every page that it sends; nothing else may bring styles.
  html: { cspNonce: 'NONCE-OF-THE-ANSWER' },
  build: {
    outDir: '../server/dist/application',
    emptyOutDir: true,
    target: 'es2022',
    // What is inlined as a data URL is refused by the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What a browser loads first is held to its bound, compressed, by a test.
    chunkSizeWarningLimit: 1_500,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:4680', '/readyz': 'http://127.0.0.1:4680' } },
})
