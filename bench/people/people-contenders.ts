import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { YOUNG_GENERATION_FLAGS } from '../../gateway/start/young-generation.ts'
import type { Contender } from '../contender.ts'
import { sourceProgram, startProgram } from '../start-program.ts'
import { ANSWERS, type AnswersName } from './people-consent.ts'
import { peopleAnswer } from './people-oracle.ts'
import { peopleSupergraph, SCOPES } from './people-schemas.ts'

export const PEOPLE = 50

interface Fence {
  /** What people have said. */
  readonly answers: AnswersName
  /** Where the gateway has it from: its memory, or a question to the consent subgraph for each request. */
  readonly from: 'memory' | 'subgraph'
}

/** How its process is started besides. */
export interface StartedAs {
  readonly nodeArgs?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const gatewayOfPeople = (name: string, fence: Fence | null, started: StartedAs = {}): Contender => ({
  name,
  path: '/graphql',
  expected: peopleAnswer(PEOPLE, ANSWERS[fence?.answers ?? 'granted']),
  async start({ standIn, directory: parent }) {
    const directory = join(parent, name.replaceAll(/\W+/g, '-'))
    mkdirSync(join(directory, 'clients'), { recursive: true })
    writeFileSync(join(directory, 'clients/explorer.yaml'), CONTRACT)
    writeFileSync(join(directory, 'supergraph.graphql'), peopleSupergraph(standIn, fence !== null))
    return startProgram({
      // As `assent gateway` sets it for itself.
      args: [...YOUNG_GENERATION_FLAGS, ...(started.nodeArgs ?? []), ...sourceProgram('gateway-of-people')],
      core: 0,
      cwd: directory,
      env: {
        ASSENT_PROFILE: 'development',
        ASSENT_LOG_LEVEL: 'error',
        ASSENT_PORT: '0',
        ASSENT_SUPERGRAPH: 'supergraph.graphql',
        ASSENT_SUBGRAPHS_DEDUPE: 'false',
        ...(fence !== null && {
          ASSENT_CONSENT_URL: `${standIn}/consent`,
          ASSENT_CONSENT_TIMEOUT_MS: '60000',
        }),
        ...(fence?.from === 'memory' && { BENCH_ANSWERS: fence.answers }),
        ...started.env,
      },
    })
  },
})

/** Withheld values are answered as null without a report, so that the answers of both graphs have one shape. */
const CONTRACT = `client: explorer
purposes: [personalization]
defaultPurpose: personalization
scopes: [${SCOPES.join(', ')}]
report: none
introspection: true
owner: bench
review:
  data: Made-up people of a benchmark.
  purpose: Measure how long answers take.
  control: There is nobody behind these pids.
`

const OPEN = 'open'
const GRANTED = 'fenced, all granted'

/** The first is what the others are divided by. */
export const PEOPLE_CONTENDERS: readonly Contender[] = [
  gatewayOfPeople(OPEN, null),
  gatewayOfPeople(GRANTED, { answers: 'granted', from: 'memory' }),
  gatewayOfPeople('fenced, each different', { answers: 'different', from: 'memory' }),
  gatewayOfPeople('fenced, each different, asked anew', { answers: 'different', from: 'subgraph' }),
]

/** The two whose difference is what the fence costs where everybody has said yes. */
export const openAndGranted = (startedAs: (name: string) => StartedAs): readonly Contender[] => [
  gatewayOfPeople(OPEN, null, startedAs(OPEN)),
  gatewayOfPeople(GRANTED, { answers: 'granted', from: 'memory' }, startedAs(GRANTED)),
]
