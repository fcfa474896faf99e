import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * Fills `name` in the download cache once and returns its directory. The cache lies outside the checkout, so a clean
 * checkout starts quickly. Filled beside its place and then moved: an interrupted download is never taken for a whole
 * one, and two runs at the same time do not write into one another's files.
 */
export async function cached(name: string, fill: (directory: string) => Promise<void>): Promise<string> {
  const cache = cacheDirectory()
  const directory = join(cache, name)
  if (existsSync(directory)) return directory
  const draft = mkdtempSync(join(cache, `${name}.draft-`))
  try {
    await fill(draft)
    if (!existsSync(directory)) renameSync(draft, directory)
    return directory
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

function cacheDirectory(): string {
  const directory = process.env['TEST_CACHE_DIR'] ?? defaultDirectory()
  mkdirSync(directory, { recursive: true, mode: 0o755 })
  // What is run from here must not have been laid out by somebody else: /var/tmp is everybody's.
  const { uid } = statSync(directory)
  if (uid !== process.getuid?.()) throw new Error(`${directory} belongs to another user; set TEST_CACHE_DIR`)
  return directory
}

// PostgreSQL refuses to run as root, and whoever runs it instead must be able to enter the directory of its programs.
const defaultDirectory = (): string =>
  process.getuid?.() === 0 ? '/var/tmp/assent-cache' : join(homedir(), '.cache', 'assent')
