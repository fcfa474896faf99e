import { defineConfig } from 'vitest/config'

export default defineConfig({
  // One GraphQL for the sources and the libraries: Node gives libraries this file, Vite would give the sources another.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.services.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
  },
})
