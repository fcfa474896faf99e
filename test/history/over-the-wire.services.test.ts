import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { checkHistory } from './check-history.ts'
import type { History } from './history.ts'
import { createRandom } from './random.ts'
import type { Thing } from './wire/disturb.ts'
import { type Network, openNetwork } from './wire/network.ts'
import { type Run, runHistory } from './wire/run-history.ts'

/** Set to look for longer, or elsewhere. What happens is chosen by the seed; when it happens is not. */
const SECONDS = Number(process.env['HISTORY_WIRE_SECONDS'] ?? 40)
const SEED = Number(process.env['HISTORY_WIRE_SEED'] ?? 1)
const CLIENTS = 20

const EVERYTHING: readonly Thing[] = [
  ...Array<Thing>(3).fill('stopped'),
  ...Array<Thing>(2).fill('held up'),
  'deaf',
  ...Array<Thing>(2).fill('cut off'),
  'clock set',
  'killed',
]

describe.skipIf(POSTGRES_URL === '')(
  'Three gateways and two replicas of the consent service, each a process of its own,',
  () => {
    const engine = ownPostgres('consent_history', consentMigration)

    const open = async (before: readonly URL[] = []): Promise<Network> => {
      const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(engine().admin)
      const database = Object.assign(new URL(POSTGRES_URL), { pathname: `/${rows[0]?.name}` }).href
      await sql`truncate consent.person, consent.receipt, consent.head, consent.change, consent.lease,
        consent.acknowledgement cascade`.execute(engine().admin)
      return openNetwork({ random: createRandom(SEED), database, engine: engine(), before })
    }

    test(
      `send and answer nothing that was withdrawn and said to be, for ${SECONDS} s (seed ${SEED})`,
      async () => {
        const network = await open()
        try {
          const run = await runHistory({
            network,
            seed: SEED,
            clients: CLIENTS,
            seconds: SECONDS,
            things: EVERYTHING,
          })
          process.stderr.write(told(run, network))
          expect(checkHistory(run.history)).toEqual([])
          // Something happened: much was shown, much was withdrawn, and much of that was in force while it was watched.
          const { shown, withdrawn, effective } = countsOf(run.history)
          expect(shown).toBeGreaterThan(SECONDS)
          expect(withdrawn).toBeGreaterThan(SECONDS / 4)
          expect(effective).toBeGreaterThan(withdrawn / 4)
          for (const thing of new Set(EVERYTHING)) expect(run.happened.get(thing), thing).toBeGreaterThan(0)
        } finally {
          await network.close()
        }
      },
      SECONDS * 1_000 + 120_000,
    )

    test('are found out by the checker when a lease never ends', async () => {
      const network = await open([new URL('./wire/lease-that-never-ends.ts', import.meta.url)])
      try {
        const { history } = await runHistory({
          network,
          seed: SEED,
          clients: CLIENTS,
          seconds: 100,
          things: ['deaf'],
          disturbed: network.gateways,
          longestMs: 8_000,
          isEnough: (soFar) => rulesBrokenIn(soFar).length > 0,
        })
        expect(rulesBrokenIn(history)).not.toEqual([])
      } finally {
        await network.close()
      }
    }, 240_000)
  },
)

const rulesBrokenIn = (history: History): readonly string[] =>
  checkHistory(history)
    .map(({ rule }) => rule)
    .filter((rule) => rule.endsWith('after a withdrawal in force'))

const countsOf = ({ statements, requests, answers }: History) => ({
  requests: requests.length,
  answers: answers.length,
  shown: answers.filter(({ shown }) => shown.length > 0).length,
  withdrawn: statements.filter(({ status }) => status === 'withdrawn').length,
  effective: statements.filter(({ effective }) => effective < Number.POSITIVE_INFINITY).length,
})

const told = ({ history, asked, happened }: Run, { refusals }: Network): string => {
  const counts = { asked, ...countsOf(history), refused: refusals.length, ...Object.fromEntries(happened) }
  return `history over the wire: ${JSON.stringify(counts)}\n`
}
