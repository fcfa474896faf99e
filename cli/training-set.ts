import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Command } from 'commander'
import type { Vocabulary } from '../directives/vocabulary.ts'
import { vocabularyFromFile } from '../gateway/adapters/vocabulary-file.ts'
import { openDefinitions } from '../subgraphs/features/definitions/definitions-in.ts'
import { buildTrainingSet, digestOf } from '../subgraphs/features/training/build-training-set.ts'
import {
  type Rebuilt,
  rebuildTrainingSet,
  verifyTrainingSet,
} from '../subgraphs/features/training/check-training-set.ts'
import { readTrainingSpec } from '../subgraphs/features/training/read-training-spec.ts'
import { filesOf, setIn } from '../subgraphs/features/training/training-files.ts'
import type { TrainingPorts } from '../subgraphs/features/training/training-ports.ts'
import { mustRebuild, registered } from '../subgraphs/features/training/training-registry.ts'
import type { TrainingSet } from '../subgraphs/features/training/training-set.ts'
import type { TrainingSpec } from '../subgraphs/features/training/training-spec.ts'
import type { OpenStores } from '../subgraphs/open-stores.ts'
import { openTraining } from '../subgraphs/open-training.ts'
import { EXIT } from './exit-code.ts'
import { atStores, type StoreFlags, withStores } from './identity-graph.ts'
import { policyFromFile } from './policy-file.ts'

export const trainingSetCommand = (): Command =>
  new Command('training-set')
    .description('Tables of people as of past times, of those who agreed; reproducible.')
    .addCommand(buildCommand())
    .addCommand(rebuildCommand())
    .addCommand(verifyCommand())
    .addCommand(affectedCommand())
    .addHelpText(
      'after',
      '\nExample:\n  $ assent features training-set build --spec churn.yaml --output churn',
    )

interface Desk {
  readonly ports: TrainingPorts
  readonly vocabulary: Vocabulary
  readonly training: OpenStores['training']
}

const atTraining = (flags: StoreFlags, work: (desk: Desk) => Promise<void>): Promise<void> =>
  atStores(flags, async (stores, { vocabulary: file, consentPolicies }) => {
    const vocabulary = vocabularyFromFile(file)
    const policy = consentPolicies === null ? null : policyFromFile(consentPolicies, vocabulary)
    const opened = await openTraining(stores, { definitions: openDefinitions(), policy })
    try {
      await work({ ports: opened.ports, vocabulary, training: stores.training })
    } finally {
      await opened.stop()
    }
  })

const specIn = (file: string): TrainingSpec =>
  readTrainingSpec(readFileSync(file, 'utf8'), (name) => readFileSync(resolve(dirname(file), name), 'utf8'))

const buildCommand = (): Command =>
  withStores(new Command('build'))
    .description('Builds a set of what is known now.')
    .requiredOption('--spec <file>', 'features, people and times, purpose and rule of consent')
    .requiredOption('--output <directory>', 'where the set is written')
    .action(({ spec, output, ...flags }: StoreFlags & { spec: string; output: string }) =>
      atTraining(flags, async ({ ports, vocabulary, training }) => {
        const set = await buildTrainingSet(specIn(spec), ports, { vocabulary })
        // Registered first: a set that nobody knows of could not be found for who withdraws.
        await training.register(registered(idOf(set), set))
        write(output, set)
        const { rows, people, leftOut } = set.manifest
        console.log(
          `${rows} rows of ${people} people; left out for consent: ${leftOut.notThen} then, ${leftOut.notNow} now (${idOf(set)})`,
        )
        for (const [code, { rows: without, people: nobody }] of Object.entries(leftOut.byPolicy))
          console.log(`left out by the policy: ${without} rows of ${nobody} people, ${code}`)
      }),
    )

const rebuildCommand = (): Command =>
  withStores(new Command('rebuild'))
    .description(
      'Makes a set again from its own snapshot, without who has left. Exits with 1 when it differs.',
    )
    .argument('<directory>', 'the set')
    .requiredOption('--spec <file>', 'what it was made of')
    .requiredOption('--output <directory>', 'where the new one is written')
    .action((directory: string, { spec, output, ...flags }: StoreFlags & { spec: string; output: string }) =>
      atTraining(flags, async ({ ports, vocabulary, training }) => {
        const stored = storedIn(directory)
        const rebuilt = await rebuildTrainingSet(stored, specIn(spec), ports, vocabulary)
        const [before, after] = [idOf(stored), idOf(rebuilt.set)]
        if (before !== after) await training.register(registered(after, rebuilt.set), before)
        write(output, rebuilt.set)
        console.log(rebuiltText(rebuilt))
        if (rebuilt.kind === 'differs') process.exitCode = EXIT.failed
      }),
    )

const rebuiltText = (rebuilt: Rebuilt): string => {
  if (rebuilt.kind === 'same') return 'The same, to the byte.'
  const left = rebuilt.left.map((pid) => `  ${pid} has left`)
  const head =
    rebuilt.kind === 'people left'
      ? 'The same, but for who has left:'
      : 'Not the same: events are there no longer.'
  return [head, ...left].join('\n')
}

const verifyCommand = (): Command =>
  withStores(new Command('verify'))
    .description(
      'Says whether a set is as it was written and holds nobody who has left. Exits with 1 when not.',
    )
    .argument('<directory>', 'the set')
    .action((directory: string, flags: StoreFlags) =>
      atTraining(flags, async ({ ports }) => {
        const { changed, left } = await verifyTrainingSet(storedIn(directory), ports)
        for (const file of changed) console.error(`${file}.ndjson is not what was written.`)
        for (const pid of left) console.error(`${pid} has left: the set has to be built again.`)
        if (changed.length + left.length > 0) process.exitCode = EXIT.failed
        else console.log('As it was written, and everybody in it still agrees.')
      }),
    )

const affectedCommand = (): Command =>
  withStores(new Command('affected'))
    .description('Lists the sets a person is in, and which must be built again.')
    .argument('<pid>', 'the person')
    .action((pid: string, flags: StoreFlags) =>
      atTraining(flags, async ({ ports: { standings, historyUpTo, clock }, training }) => {
        const now = clock()
        const isGone = (await historyUpTo('9'.repeat(18)).blockedAt([pid], now)).has(pid)
        const affected = new Set(
          (await mustRebuild(pid, training, { standings, now, isGone })).map(({ id }) => id),
        )
        for (const { id, name } of await training.setsOf(pid))
          console.log(`${id}  ${name}  ${affected.has(id) ? 'must be built again' : 'in order'}`)
      }),
    )

const storedIn = (directory: string) => setIn((name) => readFileSync(join(directory, name), 'utf8'))

/** Of its manifest. */
const idOf = ({ manifest }: Pick<TrainingSet, 'manifest'>): string =>
  digestOf(JSON.stringify(manifest)).slice(0, 16)

const write = (directory: string, set: TrainingSet): void => {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  for (const [name, text] of filesOf(set)) writeFileSync(join(directory, name), text, { mode: 0o600 })
}
