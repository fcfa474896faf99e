import { Command } from 'commander'
import { type AskService, eventsService, type ServiceFlags, withService } from './consent-service.ts'
import { CommandFailure } from './command-failure.ts'
import { counted } from './counted.ts'
import { EXIT } from './exit-code.ts'
import { table } from './table.ts'

/** What failed on its way into the store of events, why, and to try it again. */
export const quarantineCommand = (): Command =>
  new Command('quarantine')
    .description('Works on events that failed: nothing that was sent is dropped.')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(replayCommand())
    .addCommand(discardCommand())

interface Filters extends ServiceFlags {
  readonly code?: string
  readonly source?: string
  readonly type?: string
}

const withFilters = (command: Command): Command =>
  withService(command)
    .option('--code <code>', 'only those that failed for this reason')
    .option('--source <name>', 'only those of this source')
    .option('--type <type>', 'only events of this type')

const filtersOf = ({ code, source, type }: Filters): Record<string, string> => ({
  ...(code !== undefined && { code }),
  ...(source !== undefined && { source }),
  ...(type !== undefined && { type }),
})

interface Failure {
  readonly id: string
  readonly code: string
  readonly stage: string
  readonly place: string | null
  readonly source: string
  readonly attempts: number
  readonly firstAt: string
  readonly hasPayload: boolean
  readonly envelope: { readonly type: string | null; readonly eventId: string | null }
}

interface Listed {
  readonly failures: readonly Failure[]
  readonly waiting: readonly { readonly code: string; readonly count: number; readonly oldestAt: number }[]
}

const listCommand = (): Command =>
  withFilters(new Command('list'))
    .description('Lists what waits, the oldest first, and how much of it there is.')
    .option('--after <id>', 'those behind this entry')
    .action(async (flags: Filters & { readonly after?: string }) => {
      const query = new URLSearchParams({ ...filtersOf(flags), ...(flags.after && { after: flags.after }) })
      const said = await eventsService(flags)('GET', `/quarantine?${query.toString()}`)
      const { failures, waiting } = said as Listed
      if (failures.length === 0) console.log('Nothing waits.')
      else console.log(table([HEAD, ...failures.map(failureRow)]))
      if (waiting.length > 0)
        console.log(`\n${table([['CODE', 'WAITING', 'SINCE'], ...waiting.map(waitingRow)])}`)
    })

const HEAD = ['ID', 'CODE', 'STAGE', 'PLACE', 'SOURCE', 'TYPE', 'EVENT', 'FIRST', 'ATTEMPTS', 'PAYLOAD']

const failureRow = (failure: Failure): readonly string[] => {
  const { id, code, stage, place, source, envelope, firstAt, attempts, hasPayload } = failure
  const about = [envelope.type ?? '-', envelope.eventId ?? '-']
  return [
    id,
    code,
    stage,
    place ?? '-',
    source,
    ...about,
    firstAt,
    String(attempts),
    hasPayload ? 'sealed' : 'none',
  ]
}

const waitingRow = ({ code, count, oldestAt }: Listed['waiting'][number]): readonly string[] => [
  code,
  String(count),
  new Date(oldestAt).toISOString(),
]

const showCommand = (): Command =>
  withService(new Command('show'))
    .description('Shows one entry whole: the reason, what to do, and its data where they may be kept.')
    .argument('<id>', 'as `assent events quarantine list` names it')
    .action(async (id: string, flags: ServiceFlags) => {
      const shown = await eventsService(flags)('GET', `/quarantine/${encodeURIComponent(id)}`)
      console.log(JSON.stringify(shown, null, 2))
    })

const replayCommand = (): Command =>
  withFilters(new Command('replay'))
    .description(
      'Sends entries the whole way again; may be run as often as one likes. Exits with 1 when one fails again.',
    )
    .argument('[ids...]', 'which')
    .option('--all', 'everything that waits, or what the filters leave of it')
    .action(async (named: readonly string[], flags: ReplayFlags, command: Command) => {
      const ids = [...new Set(named)]
      const problem = misuse(ids, flags)
      if (problem !== null) command.error(`error: ${problem}`)
      const ask = eventsService(flags)
      const counts =
        ids.length > 0
          ? countsIn(await ask('POST', '/quarantine/replay', { ids }), ids)
          : await replayAll(ask, { all: flags.all === true, ...filtersOf(flags) })
      const told = Object.entries(counts).map(
        ([outcome, count]) => `${outcome.replaceAll('_', ' ')}: ${count}`,
      )
      console.log(told.join(', ') || 'Nothing waits.')
      if ((counts['quarantined'] ?? 0) + (counts['without_payload'] ?? 0) > 0) process.exitCode = EXIT.failed
    })

interface ReplayFlags extends Filters {
  readonly all?: true
}

/** Filters without --all are not taken for it: whoever forgot it would send again more than they named. */
const misuse = (ids: readonly string[], flags: ReplayFlags): string | null => {
  const isFiltered = Object.keys(filtersOf(flags)).length > 0
  if (ids.length > 0) return flags.all || isFiltered ? 'name ids, or --all with filters, not both' : null
  return flags.all
    ? null
    : 'name ids, or --all for everything that waits, or for what --code, --source and --type leave'
}

/** A request tries some of it and says where it stopped. */
const replayAll = async (ask: AskService, body: object): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {}
  let after: string | undefined
  do {
    // oxlint-disable-next-line no-await-in-loop -- one part after the other
    const said = await ask('POST', '/quarantine/replay', { ...body, ...(after !== undefined && { after }) })
    const { after: next, ...some } = said as Record<string, number> & { readonly after?: string }
    for (const [outcome, count] of Object.entries(some)) counts[outcome] = (counts[outcome] ?? 0) + count
    after = next
  } while (after !== undefined)
  return counts
}

interface Tried {
  readonly replayed?: readonly { readonly id: string; readonly outcome: string; readonly message?: string }[]
}

/** Of single entries each is told; of all only how many. */
const countsIn = (said: unknown, ids: readonly string[]): Record<string, number> => {
  const { replayed } = said as Tried
  if (replayed === undefined) return said as Record<string, number>
  for (const { id, outcome, message = '' } of replayed) console.log(`${id}  ${outcome}  ${message}`)
  mustWait(ids, replayed.length)
  const counts: Record<string, number> = {}
  for (const { outcome } of replayed) counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
}

/** What does not wait is left out by the service: whoever named it has to hear of it. */
const mustWait = (ids: readonly string[], found: number): void => {
  if (found < ids.length)
    throw new CommandFailure(
      'QUARANTINE_NOT_WAITING',
      ids.length === 1 ? `${ids[0]}` : `${ids.length - found} of ${ids.length}`,
    )
}

const discardCommand = (): Command =>
  withService(new Command('discard'))
    .description('Gives entries up: their payloads are removed, and the reason stays for a month.')
    .argument('<ids...>', 'which')
    .action(async (named: readonly string[], flags: ServiceFlags) => {
      const ids = [...new Set(named)]
      const said = await eventsService(flags)('POST', '/quarantine/discard', { ids })
      const { discarded } = said as { discarded: number }
      if (discarded > 0) console.log(`${counted(discarded, 'payload')} given up.`)
      mustWait(ids, discarded)
    })
