import { Command } from 'commander'
import type { MatchStep } from '../subgraphs/identity/matching/match-result.ts'
import { resolvePeople } from '../subgraphs/identity/resolve-people.ts'
import { storedRows } from '../subgraphs/identity/stored-rows.ts'
import { atStores, type StoreFlags, withStores } from './identity-graph.ts'
import { modelFromFile } from './model-file.ts'
import { progressBar } from './progress-bar.ts'

interface ResolveFlags extends StoreFlags {
  readonly model?: string
  readonly dryRun?: true
}

export const resolveCommand = (): Command =>
  withStores(new Command('resolve'))
    .description(
      'Matches the records there are: writes decisions where nobody has to be asked, and possible matches for the rest.',
    )
    .option('--model <file>', 'what `assent identity match` has learned; default: learned from the records')
    .option('--dry-run', 'only tells what would be decided')
    .addHelpText(
      'after',
      `
Examples:
  $ assent identity resolve --dry-run
  $ assent identity resolve --model people.model.json

Merges of two people wait until consent, when it is served, has heard of them. What somebody separated stays apart; run
it as often as you like.`,
    )
    .action((flags: ResolveFlags) => resolve(flags))

const resolve = (flags: ResolveFlags): Promise<void> =>
  atStores(flags, async ({ identity, vault }) => {
    const bar = progressBar(process.stderr)
    const model = flags.model === undefined ? null : (modelFromFile(flags.model) ?? null)
    const show = (step: MatchStep | 'write', done: number, of: number | null): void =>
      bar.show(done, of ?? Math.max(done, 1), SAID[step])
    const report = await resolvePeople({
      store: identity,
      rows: storedRows(identity, vault, (read, total) => show('read', read, total)),
      matching: {
        ...(model !== null && { model }),
        progress: ({ step, done, of }) => {
          if (step !== 'read') show(step, done, of)
        },
      },
      isDryRun: flags.dryRun ?? false,
      clock: Date.now,
    })
    bar.end()
    const { records, merges, proposed } = report
    console.log(
      `${records} records: ${merges.decided} pairs merged, ${merges.already} were before, ${merges.separated} stay apart, ${proposed} for somebody to look at${flags.dryRun ? ' (nothing was written)' : ''}`,
    )
  })

const SAID: Readonly<Record<MatchStep | 'write', string>> = {
  read: 'opening records',
  block: 'putting alike side by side',
  train: 'learning',
  score: 'comparing',
  cluster: 'putting people together',
  write: 'writing decisions',
}
