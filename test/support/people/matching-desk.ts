import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asCsv, asMapping, type LabelledPeople } from './labelled-people.ts'

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A directory of tables, and the command that matches them, as somebody would call it there. */
export interface MatchingDesk {
  readonly path: (name: string) => string
  put(name: string, content: string | Buffer): string
  /** Table and mapping, as `<name>.csv` and `<name>.yaml`. */
  putPeople(name: string, people: LabelledPeople): void
  /** The lines below the header, cut at their commas. */
  rows(name: string): readonly (readonly string[])[]
  match(...args: readonly string[]): Promise<Ran>
}

export const createMatchingDesk = (): MatchingDesk => {
  const directory = mkdtempSync(join(tmpdir(), 'assent-match-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  const path = (name: string): string => join(directory, name)
  const put = (name: string, content: string | Buffer): string => {
    writeFileSync(path(name), content)
    return path(name)
  }
  return {
    path,
    put,
    putPeople(name, people) {
      put(`${name}.csv`, asCsv(people))
      put(`${name}.yaml`, asMapping(people))
    },
    rows: (name) =>
      readFileSync(path(name), 'utf8')
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.split(',')),
    match: (...args) =>
      new Promise((resolve) => {
        const child = execFile(
          process.execPath,
          ['--import', import.meta.resolve('tsx'), join(ROOT, 'cli/assent.ts'), 'identity', 'match', ...args],
          { cwd: directory, env: { PATH: process.env['PATH'] } },
          (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
        )
      }),
  }
}

const ROOT = new URL('../../..', import.meta.url).pathname
