// How long a check of 60 subgraphs and 5,000 types takes, of which one was changed.
import { check } from '../schema/check/check.ts'
import { contractsOf } from '../schema/check/contracts.ts'
import { median } from './median.ts'

const SUBGRAPHS = 60
const TYPES = 83

export const benchCheck = async ({
  rounds,
  progress,
}: {
  readonly rounds: number
  readonly progress: (line: string) => void
}): Promise<string> => {
  const [base, head] = [filesOf('P30D'), filesOf('P90D')].map((files) => contractsOf(files))
  if (base === undefined || head === undefined) throw new Error('nothing to check')
  const times: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now()
    // eslint-disable-next-line no-await-in-loop -- one after the other is what is measured
    const { findings } = await check(base, head)
    if (findings[0]?.code !== 'RETENTION_LENGTHENED') throw new Error('the planted change was not found')
    progress(`round ${round}: ${Math.round(performance.now() - start)} ms`)
    if (round > 0) times.push(performance.now() - start)
  }
  return `| subgraphs | types | p50 |\n| --- | --- | --- |\n| ${SUBGRAPHS} | ${SUBGRAPHS * TYPES + 1} | ${Math.round(median(times))} ms |`
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
