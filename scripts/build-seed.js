// Makes the empty database directory that a first start copies: making one takes seconds, copying it a moment.
// It holds no data and depends on the version of PGlite alone, so it is made again only when that changes.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const directory = join(root, 'dist/pglite-seed')
const stamp = `${directory}.version`
const versionOf = (name) =>
  JSON.parse(readFileSync(join(root, `node_modules/@electric-sql/${name}/package.json`), 'utf8')).version
const version = `${versionOf('pglite')}, pgvector ${versionOf('pglite-pgvector')}`

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== version) {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const lite = await PGlite.create({ dataDir: directory, extensions: { vector } })
  await lite.exec('create extension vector with schema public')
  await lite.close()
  writeFileSync(stamp, version)
}
// A closed PGlite may keep the process alive.
process.exit(0)
