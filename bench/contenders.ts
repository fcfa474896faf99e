import { fileURLToPath } from 'node:url'
import type { Contender } from './contender.ts'
import { sourceProgram, startProgram } from './start-program.ts'

const limit = (kind: 'json' | 'raw'): Contender => ({
  name: `limit-${kind}`,
  path: '/',
  start: ({ standIn }) =>
    startProgram({ args: sourceProgram('limit'), core: 0, env: { STAND_IN: standIn, LIMIT: kind } }),
})

/** As it is installed: built, in production, everything at its default but what names the place and logs each request. */
export const assent = (
  name: string,
  env: Readonly<Record<string, string>>,
  nodeArgs: readonly string[] = [],
): Contender => ({
  name,
  path: '/graphql',
  start: ({ supergraphFile, directory }) =>
    startProgram({
      args: [...nodeArgs, ASSENT, 'gateway', '--supergraph', supergraphFile, '--port', '0'],
      core: 0,
      cwd: directory,
      env: { ASSENT_LOG_LEVEL: 'error', ...env },
    }),
})

const ASSENT = fileURLToPath(new URL('../bin/assent.js', import.meta.url))

/** Sharing one subgraph request among those who ask the same at once hides what a request costs. */
const DEDUPE = 'ASSENT_SUBGRAPHS_DEDUPE'
export const DEDUPE_OFF = { [DEDUPE]: 'false' }

/** The contender that all others are divided by comes first. */
export const CONTENDERS: readonly Contender[] = [
  limit('json'),
  limit('raw'),
  assent('assent', DEDUPE_OFF),
  assent('assent-dedupe-on', { [DEDUPE]: 'true' }),
]
