import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { CheckFailure } from '../schema/check/check-failure.ts'
import type { ContractFile } from '../schema/check/contracts.ts'

interface Wanted {
  /** A directory inside a working tree; files are named from it. */
  readonly directory: string
  readonly isWanted: (file: string) => boolean
}

/** The files of a directory as they were at a revision. Throws `CheckFailure` for a revision that is none. */
export const filesInGit = (ref: string, { directory, isWanted }: Wanted): ContractFile[] => {
  const place = `git:${ref}`
  const here = thereAbove(directory)
  const top = run(['rev-parse', '--show-prefix'], here)
  if (top.status !== 0) throw new CheckFailure('CHECK_NOT_IN_GIT', directory)
  const prefix = top.stdout.toString().replace(/\n$/, '') + belowOf(here, directory)
  // What begins with a dash would be taken for an option.
  const commit = run(['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`], here)
  if (ref === '' || commit.status !== 0) throw new CheckFailure('CHECK_REF_UNKNOWN', place)
  const tree = `${commit.stdout.toString().trim()}:${prefix}`
  const listed = run(['ls-tree', '-r', '-z', '--full-tree', '--name-only', tree.replace(/:$/, '')], here)
  if (listed.status !== 0) throw new CheckFailure('CHECK_REF_UNKNOWN', `${place}:${prefix}`)
  const files = listed.stdout.toString().split('\0').filter(isWanted)
  return readAll(files, { tree, directory: here })
}

/** Git runs in a directory that there is; the one that is named may be there at the revision only. */
const thereAbove = (directory: string): string => {
  const at = resolve(directory)
  return existsSync(at) && statSync(at).isDirectory() ? at : thereAbove(dirname(at))
}

const belowOf = (here: string, directory: string): string => {
  const below = relative(here, resolve(directory))
  return below === '' ? '' : `${below}/`
}

/** All in one process: a registry of sixty subgraphs would start sixty. */
const readAll = (
  files: readonly string[],
  { tree, directory }: { readonly tree: string; readonly directory: string },
): ContractFile[] => {
  const input = files.map((file) => `${tree}${file}\n`).join('')
  const { stdout } = run(['cat-file', '--batch'], directory, input)
  let at = 0
  return files.map((file) => {
    const end = stdout.indexOf(10, at)
    const size = Number(/ blob (\d+)$/.exec(stdout.toString('utf8', at, end))?.[1])
    if (!Number.isInteger(size)) throw new CheckFailure('CHECK_INPUT_UNREADABLE', `${tree}${file}`)
    at = end + size + 2
    return { file, text: stdout.toString('utf8', end + 1, end + 1 + size) }
  })
}

const run = (
  words: readonly string[],
  cwd: string,
  input = '',
): { readonly status: number | null; readonly stdout: Buffer } => {
  const { error, status, stdout } = spawnSync('git', words, { cwd, input, maxBuffer: 1 << 30 })
  if (error !== undefined && 'code' in error && error.code === 'ENOENT')
    throw new CheckFailure('GIT_UNAVAILABLE', 'git', { cause: error })
  return { status, stdout }
}
