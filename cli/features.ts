import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import type { Vocabulary } from '../directives/vocabulary.ts'
import { vocabularyFromFile } from '../gateway/adapters/vocabulary-file.ts'
import { agreeWithEvents } from '../subgraphs/features/definitions/agree-with-events.ts'
import {
  agreeWithProfiles,
  type AttributeTerms,
} from '../subgraphs/features/definitions/agree-with-profiles.ts'
import {
  DEFINITION_FAULTS,
  type DefinitionFault,
} from '../subgraphs/features/definitions/definition-fault-catalogue.ts'
import {
  definitionsIn,
  FEATURES_DIR,
  openDefinitions,
} from '../subgraphs/features/definitions/definitions-in.ts'
import type { FeatureDefinition } from '../subgraphs/features/definitions/feature-definition.ts'
import type { ReadDefinitions } from '../subgraphs/features/definitions/read-definitions.ts'
import { writeSchema } from '../subgraphs/features/definitions/write-schema.ts'
import { CommandFailure } from './command-failure.ts'
import { eventTerms } from './event-terms.ts'
import { EXIT } from './exit-code.ts'
import { registryInFile } from './ownership-file.ts'
import { packageFile } from './package-file.ts'
import { table } from './table.ts'
import { trainingSetCommand } from './training-set.ts'
import { faultAsText } from './fault-as-text.ts'

export const featuresCommand = (): Command =>
  new Command('features')
    .description('Works on feature definitions: check them, list them, show what one rests on.')
    .addCommand(checkCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(trainingSetCommand())

interface Flags {
  readonly dir: string
  readonly vocabulary?: string
  readonly json?: true
}

const SCHEMA_FILE = 'subgraphs/features/schema.graphql'

const checkCommand = (): Command =>
  withFlags(new Command('check'))
    .description(
      'Reads the definitions and prints every fault, also where the contracts of the events or the schema say otherwise.',
    )
    .option('--events <folder>', 'the contracts of the events; default: those of this repository')
    .option('--fields <file>', 'who owns which attribute; default: the registry of this repository')
    .option('--schema <file>', 'the schema they are held against; default: that of the features subgraph')
    .option('--print-schema', 'print the schema as the definitions say it')
    .addHelpText('after', '\nExample:\n  $ assent features check\n\nExits with 1 when there is a fault.')
    .action((flags: CheckFlags) => {
      const { dir, vocabulary, json, printSchema } = flags
      const words = vocabularyFromFile(vocabulary ?? null)
      const { definitions, faults } = readAt(dir, words)
      if (printSchema && definitions !== null) return console.log(writeSchema(definitions).trimEnd())
      const all = definitions === null ? faults : disagreements(definitions, flags, words)
      if (json) console.log(JSON.stringify(all, null, 2))
      else if (all.length === 0) console.log(`${definitions?.length ?? 0} features, no fault`)
      else for (const fault of all) console.error(faultAsText(fault))
      if (all.length > 0) process.exitCode = EXIT.failed
    })

interface CheckFlags extends Flags {
  readonly schema?: string
  readonly events?: string
  readonly fields?: string
  readonly printSchema?: true
}

const listCommand = (): Command =>
  withFlags(new Command('list'))
    .description('Lists the features: field, scope, source, how long a value lives, who answers for it.')
    .addHelpText('after', '\nExample:\n  $ assent features list')
    .action(({ dir, vocabulary, json }: Flags) => {
      const definitions = someDefinitions(dir, vocabularyFromFile(vocabulary ?? null))
      if (json) console.log(JSON.stringify(definitions, null, 2))
      else
        console.log(
          table([
            ['name', 'field', 'type', 'scope', 'from', 'ttl', 'freshness', 'owner'],
            ...definitions.map(({ name, field, type, scope, ttl, freshness, owner, ...rest }) => [
              name,
              field,
              type,
              scope,
              sourceAsText(rest),
              ttl.iso,
              freshness.iso,
              owner,
            ]),
          ]),
        )
    })

const showCommand = (): Command =>
  withFlags(new Command('show'))
    .description('Prints everything one feature says of itself.')
    .argument('<name>', 'its name, or its field')
    .addHelpText('after', '\nExample:\n  $ assent features show session_duration')
    .action((name: string, { dir, vocabulary, json }: Flags, command: Command) => {
      const definitions = someDefinitions(dir, vocabularyFromFile(vocabulary ?? null))
      const found = definitions.find((one) => one.name === name || one.field === name)
      if (found === undefined)
        return command.error(
          `error: there is no such feature; there are ${definitions.map((one) => one.name).join(', ')}`,
        )
      console.log(json ? JSON.stringify(found, null, 2) : definitionAsText(found))
    })

const readAt = (dir: string, words: Vocabulary): ReadDefinitions => {
  const read = definitionsIn(dir, words)
  if (read.definitions?.length === 0) throw noneIn(dir)
  return read
}

const someDefinitions = (dir: string, words: Vocabulary): readonly FeatureDefinition[] => {
  const definitions = openDefinitions(dir, words)
  if (definitions.length === 0) throw noneIn(dir)
  return definitions
}

/** That nothing is there is no answer to who asks what is: the place is not the one that was meant. */
const noneIn = (dir: string): CommandFailure => new CommandFailure('FEATURES_NONE', `--dir ${dir}`)

const withFlags = (command: Command): Command =>
  command
    .option('--dir <folder>', 'where the definitions are', FEATURES_DIR)
    .option('--vocabulary <file>', 'a YAML file with your scopes and purposes')
    .option('--json', 'print JSON')

const disagreements = (
  definitions: readonly FeatureDefinition[],
  { dir, schema, events, fields }: CheckFlags,
  words: Vocabulary,
): readonly DefinitionFault[] => [
  ...agreeWithEvents(
    definitions,
    eventTerms(events ?? packageFile('events'), words),
    (name) => `${dir}/${name}.yaml`,
  ),
  ...agreeWithProfiles(
    definitions,
    attributeTerms(fields ?? packageFile('ownership/fields.yaml'), words),
    (name) => `${dir}/${name}.yaml`,
  ),
  ...schemaFaults(definitions, schema ?? packageFile(SCHEMA_FILE)),
]

/** A registry with faults gives nothing: `assent ownership check` tells them. */
const attributeTerms = (
  file: string,
  words: Vocabulary,
): ((attribute: string) => AttributeTerms | undefined) => {
  const { registry } = registryInFile(file, words)
  return (attribute) => registry?.attributes.get(attribute) ?? NOT_GIVEN
}

const NOT_GIVEN: AttributeTerms = { scope: null, purpose: [] }

const schemaFaults = (
  definitions: readonly FeatureDefinition[],
  file: string,
): readonly DefinitionFault[] => {
  const said = readFileSync(file, 'utf8').split('\n')
  const meant = writeSchema(definitions).split('\n')
  const line = meant.findIndex((text, place) => text !== said[place])
  if (line < 0 && said.length === meant.length) return []
  return [
    {
      code: 'FEATURE_SCHEMA_DIFFERS',
      file,
      line: line < 0 ? meant.length : line + 1,
      place: '',
      message: DEFINITION_FAULTS.FEATURE_SCHEMA_DIFFERS.sentence,
      remedy: 'Write it anew: `npm run docs`, or `assent features check --print-schema`.',
    },
  ]
}

const sourceAsText = ({ source }: Pick<FeatureDefinition, 'source'>): string => {
  if (source.kind === 'profile') return `profile ${source.attribute}`
  const { take, of, event, where, window } = source
  const which = Object.entries(where).map(([name, value]) => ` where ${name} is ${value}`)
  return `${take}${of === null ? '' : ` ${of}`} of ${event}${which.join(' and')}, ${window.iso}`
}

const definitionAsText = (one: FeatureDefinition): string =>
  table([
    ['name', one.name],
    ['field', `CustomerFeatures.${one.field}: ${one.type}`],
    ['', one.description],
    ['from', sourceAsText(one)],
    ['scope', one.scope],
    ['purpose', one.purpose.join(', ')],
    ['ttl', one.ttl.iso],
    ['freshness', one.freshness.iso],
    ['retention', `${one.retention.iso}, then ${one.disposition}`],
    ['owner', one.owner],
    ['consumers', one.consumers.join(', ')],
    ['explanation', one.explanation],
    ['for nobody', one.anonymous === null ? 'nothing' : String(one.anonymous)],
    ['digest', one.digest],
  ])
