#!/usr/bin/env node
import { existsSync } from 'node:fs'

const program = new URL('../dist/cli/assent.js', import.meta.url)

if (existsSync(program)) await import(program.href)
else {
  process.stderr.write(
    'NOT_BUILT: Assent is not built here.\nRun `npm ci`, or where that was done `npm run build`.\n',
  )
  process.exitCode = 2
}
