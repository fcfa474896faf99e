import { Command } from 'commander'
import type { Config } from '../gateway/config.ts'
import { howBuilt } from '../subgraphs/identity/graph/how-built.ts'
import { type UnmergePlan, planUnmerge } from '../subgraphs/identity/graph/plan-unmerge.ts'
import { unmergeRecords } from '../subgraphs/identity/graph/unmerge-records.ts'
import { type Why, whySamePerson } from '../subgraphs/identity/graph/why-same-person.ts'
import { linkedConsentFor } from '../subgraphs/open-identity-feed.ts'
import { type OpenStores, openStores } from '../subgraphs/open-stores.ts'
import { decisionLines, fieldLines, matchLine } from './decision-lines.ts'
import { atStoresOf } from './at-stores-of.ts'
import { identityFeedOf } from './identity-feed-of.ts'
import { identityStoresOf } from './identity-stores-of.ts'
import { EXIT } from './exit-code.ts'
import { instant } from './instant.ts'
import { keysOf } from './keys-of.ts'
import { configOption } from './read-settings.ts'
import { someText } from './some-text.ts'
import { table } from './table.ts'
import { wholeNumber } from './whole-number.ts'

export interface StoreFlags {
  readonly config?: string
  readonly data?: string
}

export const withStores = (command: Command): Command =>
  command
    .addOption(configOption())
    .option('--data <directory>', 'directory of the embedded stores, and of the keys that are kept there')

export const whyCommand = (): Command =>
  withStores(new Command('why'))
    .description('Tells why two pids, of people or of records, are one person, or why they are not.')
    .argument('<a>', 'a pid')
    .argument('<b>', 'another one')
    .option('--as-of <instant>', 'at a past time (ISO 8601 with a zone)', instant)
    .action((a: string, b: string, { asOf, ...flags }: StoreFlags & { asOf?: number }) =>
      atStores(flags, async ({ identity }) => {
        const why = await identity.look((graph) => whySamePerson(graph, { a, b, asOf: asOf ?? null }))
        for (const line of whyLines(why)) console.log(line)
        if (!why.isSame) process.exitCode = EXIT.failed
      }),
    )

const whyLines = ({ isSame, path, whyNot }: Why): readonly string[] => {
  if (isSame && path.length === 0) return ['one record']
  if (isSame)
    return path.flatMap(({ from, to, decision }) => [`${from.seed} = ${to.seed}`, ...decisionLines(decision)])
  const { separations, undone, waiting, matches, inCommon } = whyNot
  return [
    'not one person',
    ...separations.map(({ actor }) => `  separated by ${actor}`),
    ...undone.map(({ decisionId, undone: undo }) => `  ${decisionId} taken back by ${undo?.actor ?? ''}`),
    ...waiting.map(({ decisionId }) => `  ${decisionId} waits until consent has heard of it`),
    ...matches.map((match) => `  ${matchLine(match)}`),
    `  in common: ${inCommon.join(', ') || 'nothing'}`,
  ]
}

export const howCommand = (): Command =>
  withStores(new Command('how'))
    .description('Tells how a person came together, step by step.')
    .argument('<pid>', 'the person')
    .option('--as-of <instant>', 'at a past time (ISO 8601 with a zone)', instant)
    .action((pid: string, { asOf, ...flags }: StoreFlags & { asOf?: number }) =>
      atStores(flags, async ({ identity }) => {
        const built = await identity.look((graph) => howBuilt(graph, pid, asOf ?? null))
        if (built === null) {
          console.error('Nobody had this pid then.')
          process.exitCode = EXIT.failed
          return
        }
        console.log(`${built.pid}  ${built.records.length} records`)
        const pids = new Map(built.records.map(({ id, seed }) => [id, seed]))
        for (const { decision, joined, pid: now, records } of built.steps) {
          const what = joined.length > 1 ? `${joined.join(' + ')} → ${now}` : `${now} confirmed`
          console.log(`${what}  (${records} records)`)
          for (const line of [...decisionLines(decision), ...fieldLines(decision, pids)]) console.log(line)
        }
      }),
    )

export const planUnmergeCommand = (): Command =>
  withStores(new Command('plan-unmerge'))
    .description('Tells what taking back a merge would change; changes nothing.')
    .argument('<decision>', 'the id of the merge')
    .action((decisionId: string, flags: StoreFlags) =>
      atStores(flags, async (stores, config) => {
        console.log(planText(await stores.identity.look((graph) => planUnmerge(graph, decisionId))))
        for (const line of await saidLines(decisionId, stores, config)) console.log(line)
      }),
    )

const planText = ({ parts, heldBy, redirects, shared }: UnmergePlan): string => {
  const people = parts.map(({ pid, records, identifiers, households, accounts, devices, consentPids }) => [
    pid,
    ...[records, identifiers, households, accounts, devices].map(({ length }) => String(length)),
    consentPids.join(' '),
  ])
  const head = ['person', 'records', 'identifiers', 'households', 'accounts', 'devices', 'consent of']
  return [
    table([head, ...people]),
    ...heldBy.map(({ decisionId }) => `still one person through ${decisionId}`),
    ...redirects.map(
      ({ pid, from, to }) => `${pid} leads to ${to ?? 'nobody'}, and led to ${from ?? 'nobody'}`,
    ),
    ...shared.map(({ kind, pids }) => `${kind} is on both sides: ${pids.join(' ')}`),
  ].join('\n')
}

export const unmergeCommand = (): Command =>
  withStores(new Command('unmerge'))
    .description(
      'Takes back one merge, in whatever order they were made. Consent hears of it when it is served.',
    )
    .argument('<decision>', 'the id of the merge')
    .requiredOption('--actor <name>', 'who decides: it is kept with the decision', someText)
    .option('--reason <text>', 'why, in words that name nobody')
    .option('--may-merge-again', 'lets rules and models make the two one person again')
    .action((decisionId: string, { actor, reason, mayMergeAgain, ...flags }: UnmergeFlags) =>
      atStores(flags, async (stores, config) => {
        const draft = { decisionId, actor, reason: reason ?? null, keepApart: mayMergeAgain !== true }
        // Before the end of the link: both ways of asking are answered the same, and consent may not answer later.
        const said = await saidLines(decisionId, stores, config)
        const plan = await stores.identity.change(async (graph) => {
          const planned = await planUnmerge(graph, decisionId)
          await unmergeRecords(graph, draft, Date.now())
          return planned
        })
        console.log(planText(plan))
        for (const line of said) console.log(line)
      }),
    )

/** What was said while two were one person stays with the pid it was said under: somebody may have to ask again. */
const saidLines = async (
  decisionId: string,
  stores: OpenStores,
  config: Config,
): Promise<readonly string[]> => {
  const consent = linkedConsentFor(stores, identityFeedOf(config), Date.now)
  try {
    const said = await consent.saidWhileLinked([decisionId])
    return said.map(
      ({ pid, scope, status, at, consentId }) =>
        `said while merged: ${pid}  ${scope} ${status}  ${new Date(at).toISOString()}  ${consentId}`,
    )
  } catch {
    return ['What was said while merged is not known: consent does not answer.']
  }
}

interface UnmergeFlags extends StoreFlags {
  readonly actor: string
  readonly reason?: string
  readonly mayMergeAgain?: true
}

export const possibleCommand = (): Command =>
  withStores(new Command('possible'))
    .description('Lists pairs of records that somebody has to look at, the oldest first.')
    .option('--first <number>', 'how many', wholeNumber, 50)
    .option('--after <position>', 'behind this one', wholeNumber, 0)
    .action(({ first, after, ...flags }: StoreFlags & { first: number; after: number }) =>
      atStores(flags, async ({ identity }) => {
        for (const match of await identity.look((graph) => graph.openMatches(first, after)))
          console.log(matchLine(match))
      }),
    )

export const atStores = (
  flags: StoreFlags,
  work: (stores: OpenStores, config: Config) => Promise<void>,
): Promise<void> =>
  atStoresOf(flags, {
    open: (config) => openStores({ ...identityStoresOf(config), keys: keysOf(config) }),
    work,
  })
