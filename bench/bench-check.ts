// How long `assent schema check` takes for 60 subgraphs and 5,000 types, of which one was changed: the whole command, as
// built. Every round is cold: nothing is kept from one check for the next.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median } from './median.ts'

const SUBGRAPHS = 60
const TYPES = 83

export const benchCheck = async ({
  rounds,
  directory,
  progress,
}: {
  readonly rounds: number
  /** Empty. */
  readonly directory: string
  readonly progress: (line: string) => void
}): Promise<string> => {
  const sides = {
    base: written(join(directory, 'base'), 'P30D'),
    head: written(join(directory, 'head'), 'P90D'),
  }
  const times: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now()
    checked(sides)
    progress(`round ${round}: ${Math.round(performance.now() - start)} ms`)
    if (round > 0) times.push(performance.now() - start)
  }
  const shown = [SUBGRAPHS, SUBGRAPHS * TYPES + 1, inMs(Math.min(...times)), inMs(median(times)), load()]
  return `| subgraphs | types | least | p50 | load of the machine |\n|---:|---:|---:|---:|---:|\n| ${shown.join(' | ')} |`
}

const inMs = (time: number): string => `${Math.round(time)} ms`

/** Of the last minute: what else the cores did. */
const load = (): string => (loadavg()[0] ?? 0).toFixed(1)

const written = (directory: string, retention: string): string => {
  mkdirSync(directory, { recursive: true })
  for (const { file, text } of filesOf(retention)) writeFileSync(join(directory, file), text)
  return directory
}

const COMMAND = fileURLToPath(new URL('../bin/assent.js', import.meta.url))

const checked = ({ base, head }: { readonly base: string; readonly head: string }): void => {
  const { status, stdout } = spawnSync(
    process.execPath,
    [COMMAND, 'schema', 'check', '--base', base, '--head', head, '--format', 'json'],
    { encoding: 'utf8' },
  )
  const { findings } = JSON.parse(stdout) as { findings: readonly { readonly code: string }[] }
  if (status !== 1 || findings[0]?.code !== 'RETENTION_LENGTHENED')
    throw new Error('the planted change was not found')
}

const LINKS = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])
  @link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject", "@dataContract"])`

const filesOf = (retention: string): { file: string; text: string }[] =>
  Array.from({ length: SUBGRAPHS }, (_, at) => ({
    file: `s${at}.graphql`,
    text: [
      LINKS,
      `type Query { s${at}: T${at}_0 }`,
      personOf(at, at === 7 ? retention : 'P30D'),
      ...typesOf(at),
    ].join('\n'),
  }))

const personOf = (at: number, retention: string): string =>
  `type Customer @key(fields: "pid") @dataSubject(key: "pid") { pid: ID! f${at}: String @requiresScope(scope: "analytics") @dataContract(owner: "t${at}", purpose: ["analytics"], freshness: "P1D", retention: "${retention}", consumers: ["a"], disposition: "purge") }`

const typesOf = (at: number): string[] =>
  Array.from(
    { length: TYPES },
    (_, type) =>
      `type T${at}_${type} @key(fields: "id") { id: ID! a: String b: Int c: Boolean d: [String!]! next: T${at}_${(type + 1) % TYPES} }`,
  )
