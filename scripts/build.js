// Compiles the sources to dist/ and copies what is not TypeScript beside them.
// `--if-stale` returns at once when nothing is newer than the last build, so that `npm start` stays quick.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildPreferences, PAGE } from './build-preferences.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
// What the subgraphs read from disk when they start lies beside them, as in the sources.
const rooms = [
  'directives',
  'schema',
  'subgraphs',
  'gateway',
  'cli',
  'privacy',
  'registry',
  'sdk',
  'features',
  'actions',
]
const stamp = join(root, 'dist/.built')

const sources = rooms
  .filter((room) => existsSync(join(root, room)))
  .flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  )
const watched = [
  ...sources,
  join(root, 'tsconfig.json'),
  join(root, 'tsconfig.build.json'),
  join(root, 'package.json'),
]

const isStale = () => {
  if (!existsSync(stamp)) return true
  const builtAt = statSync(stamp).mtimeMs
  return watched.some((file) => statSync(file).mtimeMs > builtAt)
}

if (!process.argv.includes('--if-stale') || isStale()) {
  if (existsSync(join(root, 'dist')) && !process.argv.includes('--if-stale'))
    rmSync(join(root, 'dist'), { recursive: true })
  const tell = (step) => console.error(`Building: ${step} …`)
  tell('made-up people and the programs (1 of 3, the longest)')
  const seed = spawn(process.execPath, [join(root, 'scripts/build-seed.js')], { stdio: 'inherit' })
  const seeded = once(seed, 'exit')
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
  tell('the SDK (2 of 3)')
  // The SDK is used from outside, so its types go with it; made with a browser's types alone, which it must fit.
  const types = spawnSync(process.execPath, [tsc, '-p', join(root, 'sdk')], { stdio: 'inherit' })
  if (types.status !== 0) process.exit(types.status ?? 1)
  tell('the preference centre (3 of 3)')
  buildPreferences(join(root, 'dist/preferences'))
  for (const file of sources.filter(
    (name) =>
      !name.endsWith('.ts') &&
      !name.endsWith('tsconfig.json') &&
      !name.startsWith(PAGE) &&
      !name.endsWith('.md'),
  )) {
    const target = join(root, 'dist', file.slice(root.length + 1))
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(file, target)
  }
  const [failure] = await seeded
  if (failure) process.exit(failure)
  writeFileSync(stamp, '')
  console.error('Built.')
}
