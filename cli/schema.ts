import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { vocabularyFromFile } from '../gateway/adapters/vocabulary-file.ts'
import type { SubgraphSource } from '../schema/compose.ts'
import type { Violation } from '../schema/violation.ts'
import { EXIT } from './exit-code.ts'
import { counted } from './counted.ts'
import { schemaCheckCommand } from './schema-check.ts'

interface ComposeFlags {
  readonly subgraph: readonly SubgraphSource[]
  readonly output?: string
  readonly vocabulary?: string
  readonly json?: true
}

export const schemaCommand = (): Command =>
  new Command('schema')
    .description('Works on schemas: compose them, check them.')
    .addCommand(composeCommand())
    .addCommand(schemaCheckCommand())

const composeCommand = (): Command =>
  new Command('compose')
    .description('Composes subgraphs into one supergraph and prints every consent rule that is broken.')
    .argument('[directory]', 'a directory with one `<name>/schema.graphql` or `<name>.graphql` a subgraph')
    .option('-s, --subgraph <name=file[@url]>', 'a subgraph; repeat for each', collectSubgraph, [])
    .option('-o, --output <file>', 'where to write the supergraph (default: standard output)')
    .option('--vocabulary <file>', 'a YAML file with your scopes and purposes')
    .option('--json', 'print the violations as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ assent schema compose subgraphs --output supergraph.graphql
  $ assent schema compose -s identity=identity.graphql@http://identity:4001/graphql -s consent=consent.graphql@http://consent:4002/graphql

Exits with 1 when there is an error; warnings alone do not fail.`,
    )
    .action(async (directory: string | undefined, flags: ComposeFlags, command: Command) => {
      const sources = [...(directory === undefined ? [] : subgraphsIn(directory, command)), ...flags.subgraph]
      if (sources.length === 0) command.error('error: name a directory or at least one --subgraph')
      // A check has no use for the composer here.
      const { compose } = await import('../schema/compose.ts')
      const { supergraph, violations } = compose(sources, {
        vocabulary: vocabularyFromFile(flags.vocabulary ?? null),
      })
      console.error(flags.json ? JSON.stringify(violations, null, 2) : violationsAsText(violations, sources))
      if (supergraph === null) process.exitCode = EXIT.failed
      else if (flags.output === undefined) console.log(supergraph)
      else writeFileSync(flags.output, `${supergraph.trimEnd()}\n`)
    })

const collectSubgraph = (written: string, before: readonly SubgraphSource[]): SubgraphSource[] => {
  const [, name, file = '', url = ''] = /^([\w-]+)=(.+?)(?:@(https?:\/\/.+))?$/.exec(written) ?? []
  if (name === undefined) throw new InvalidArgumentError('write name=file or name=file@url.')
  if (!existsSync(file)) throw new InvalidArgumentError(`the file ${file} does not exist.`)
  return [...before, { name, url, file, sdl: readFileSync(file, 'utf8') }]
}

export const subgraphsIn = (directory: string, command: Command): SubgraphSource[] => {
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    command.error(`error: ${directory} is not a directory`)
  }
  return readdirSync(directory)
    .toSorted()
    .flatMap((entry) => {
      const file = entry.endsWith('.graphql')
        ? join(directory, entry)
        : join(directory, entry, 'schema.graphql')
      if (!existsSync(file)) return []
      return [
        {
          name: basename(entry, '.graphql'),
          url: '',
          file: relative('.', file),
          sdl: readFileSync(file, 'utf8'),
        },
      ]
    })
}

const violationsAsText = (violations: readonly Violation[], sources: readonly SubgraphSource[]): string => {
  const files = new Map(sources.map(({ name, file }) => [name, file]))
  const told = violations.map(({ code, severity, subgraph, coordinate, line, message, remedy }) => {
    const file = subgraph === null ? undefined : files.get(subgraph)
    const place = file !== undefined && line !== null ? `${file}:${line}` : file
    const where = [severity, subgraph, place, coordinate, code].filter((part) => part != null)
    return `${where.join('  ')}\n    ${message}\n    → ${remedy}`
  })
  const errors = violations.filter(({ severity }) => severity === 'error').length
  const sum = [
    counted(sources.length, 'subgraph'),
    counted(errors, 'error'),
    counted(violations.length - errors, 'warning'),
  ]
  return [...told, sum.join(', ')].join('\n')
}
