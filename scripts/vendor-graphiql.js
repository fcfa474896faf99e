// Writes gateway/door/graphiql/: GraphiQL and React as compressed browser files, with their licences, so that the page
// needs no content delivery network and the package none of GraphiQL's sixty dependencies. Run it to move to another version.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const versions = ['graphiql@3.8.3', 'react@18.3.1', 'react-dom@18.3.1', 'esbuild@0.28.2']
const target = fileURLToPath(new URL('../gateway/door/graphiql/', import.meta.url))
const work = mkdtempSync(join(tmpdir(), 'assent-graphiql-'))
writeFileSync(join(work, 'package.json'), '{}')
execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', ...versions], {
  cwd: work,
  stdio: 'inherit',
})

const modules = join(work, 'node_modules')
const files = {
  'react.js': 'react/umd/react.production.min.js',
  'react-dom.js': 'react-dom/umd/react-dom.production.min.js',
  'graphiql.js': 'graphiql/graphiql.min.js',
  'graphiql.css': 'graphiql/graphiql.min.css',
}
const esbuild = join(modules, '.bin/esbuild')
for (const [name, source] of Object.entries(files)) {
  const small = execFileSync(esbuild, [join(modules, source), '--minify', '--legal-comments=eof'], {
    maxBuffer: 1e8,
  })
  writeFileSync(join(target, `${name}.gz`), gzipSync(small, { level: 9 }))
}

const packages = readdirSync(modules)
  .flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
  )
  .filter(
    (name) =>
      !name.startsWith('.') && !name.includes('esbuild') && existsSync(join(modules, name, 'package.json')),
  )
const licences = packages.map((name) => {
  const { version, license } = JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8'))
  const file = readdirSync(join(modules, name)).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file === undefined ? '' : readFileSync(join(modules, name, file), 'utf8').trim()
  return `${name} ${version} (${license})\n\n${text}\n`
})
writeFileSync(
  join(target, 'LICENCES.txt'),
  `The files in this directory were made by scripts/vendor-graphiql.js from these packages:\n\n${licences.join(`\n${'-'.repeat(80)}\n`)}`,
)
rmSync(work, { recursive: true })
