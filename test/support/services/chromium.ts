import { constants } from 'node:fs'
import { access, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliDecompress } from 'node:zlib'
import { cached } from './download-cache.ts'
import { runTool } from './run-tool.ts'

/** A headless Chromium 153 for Linux on x64, packed, with the libraries a bare machine lacks. */
const PACKAGE = '@sparticuz/chromium@153.0.0'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** A Chromium: the machine's own, else one from the package registry, which needs no rights. The path of its program. */
export async function findChromium(tell: (line: string) => void): Promise<string> {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter))
    for (const name of NAMES) if (await isProgram(join(directory, name))) return join(directory, name)
  const directory = await cached('chromium-153-fonts', async (target) => {
    tell('Chromium: downloading, once')
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--engine-strict=false']
    await runTool('npm', ['install', '--prefix', target, ...quiet, PACKAGE])
    await unpack(target)
  })
  return join(directory, 'start')
}

async function isProgram(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}

const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir></fontconfig>
`

async function unpack(directory: string): Promise<void> {
  const packed = join(directory, 'node_modules/@sparticuz/chromium/bin')
  const unpacked = async (name: string) => promisify(brotliDecompress)(await readFile(join(packed, name)))
  await writeFile(join(directory, 'chromium'), await unpacked('chromium.br'), { mode: 0o755 })
  for (const name of ['al2023', 'swiftshader', 'fonts']) {
    await writeFile(join(directory, `${name}.tar`), await unpacked(`${name}.tar.br`))
    await runTool('tar', ['xf', join(directory, `${name}.tar`), '-C', directory])
  }
  // The fonts that come with it lie here, and not where a function of a cloud would have them: without any it crashes.
  await writeFile(join(directory, 'fonts.conf'), FONTS)
  // Found beside the script, as the directory is moved into place once it is complete.
  const script = [
    '#!/bin/sh',
    'here=$(dirname "$0")',
    'LD_LIBRARY_PATH="$here/lib:$here${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" FONTCONFIG_PATH="$here" exec "$here/chromium" "$@"',
    '',
  ]
  await writeFile(join(directory, 'start'), script.join('\n'), { mode: 0o755 })
}
