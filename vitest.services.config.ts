import { defineConfig } from 'vitest/config'

/** Tests against real Neo4j, PostgreSQL and NATS, and a stand-in for AWS KMS: one server of each for the whole run, wiped by its users; NATS starts anew for each test. */
export default defineConfig({
  // One GraphQL for the sources and the libraries: Node gives libraries this file, Vite would give the sources another.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.services.test.ts'],
    globalSetup: ['test/support/services/start-services.ts'],
    testTimeout: 120_000,
    hookTimeout: 240_000,
    teardownTimeout: 120_000,
    pool: 'forks',
    passWithNoTests: false,
  },
})
