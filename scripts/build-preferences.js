import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

/** What runs in the browser: not compiled beside the service, but made into three files it serves. */
export const PAGE = fileURLToPath(new URL('../subgraphs/consent/preferences/page', import.meta.url))

/** @param {string} target where the three files go */
export function buildPreferences(target) {
  mkdirSync(target, { recursive: true })
  buildSync({
    entryPoints: [join(PAGE, 'page.ts')],
    outfile: join(target, 'page.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
  })
  for (const file of ['page.html', 'page.css']) copyFileSync(join(PAGE, file), join(target, file))
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  buildPreferences(process.argv[2] ?? 'dist/preferences')
