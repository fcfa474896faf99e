#!/usr/bin/env node
import { existsSync } from 'node:fs'

const program = new URL('../dist/cli/assent.js', import.meta.url)

// Whoever does not say otherwise runs it: graphql-js looks twice at every type of every value where somebody may be developing.
process.env['NODE_ENV'] ??= 'production'

if (existsSync(program)) await import(program.href)
else {
  process.stderr.write(
    'NOT_BUILT: Assent is not built here.\nRun `npm ci`, or where that was done `npm run build`.\n',
  )
  process.exitCode = 2
}
