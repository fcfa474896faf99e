import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { vocabularyFromFile } from '../gateway/adapters/vocabulary-file.ts'
import { check } from '../schema/check/check.ts'
import { asText } from '../schema/check/output/as-text.ts'
import type { Contracts } from '../schema/check/contracts.ts'
import { contractsAt } from './contracts-at.ts'
import { publishedContracts, registryClient } from './registry-client.ts'
import { EXIT } from './exit-code.ts'

interface Flags {
  readonly base: string
  readonly head: string
  readonly vocabulary?: string
  readonly output?: string
}

export const schemaCheckCommand = (): Command =>
  new Command('check')
    .description(
      'Compares two states of schemas and what goes with them: what composes, breaks, weakens consent, and who must allow it.',
    )
    .requiredOption('--base <place>', 'what it is a change of: a directory, a file, git:REF or registry:TAG')
    .option('--head <place>', 'what is to be checked', '.')
    .option('--vocabulary <file>', 'a YAML file with your scopes and purposes')
    .option('--output <file>', 'where to write it (default: standard output)')
    .action(async (flags: Flags) => {
      const directory = /^(git|registry):/.test(flags.head) ? '.' : flags.head
      const at = { directory, registry: publishedContracts(registryClient({})) }
      const [base, head] = await Promise.all([contractsAt(flags.base, at), contractsAt(flags.head, at)])
      const report = await check(base, head, {
        labels: { base: flags.base, head: flags.head },
        vocabulary: vocabularyFromFile(flags.vocabulary ?? null),
        now: Date.now(),
      })
      const text = asText(report, {
        colours: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
        textOf: textsOf(base, head),
      })
      if (flags.output === undefined) console.log(text)
      else writeFileSync(flags.output, `${text}\n`)
      if (report.outcome === 'blocked') process.exitCode = EXIT.failed
    })

const textsOf = (...sides: readonly Contracts[]): ((file: string) => string | undefined) => {
  const texts = new Map(
    sides.flatMap((side) => {
      const { subgraphs, supergraph, events, features, clients, documents, policies, rules, vocabulary } =
        side
      const files = [events, features, clients, documents, policies, rules].flat()
      return [
        ...subgraphs.map(({ file, sdl }) => [`${side.at}${file}`, sdl] as const),
        ...[...files, supergraph, vocabulary].flatMap((one) =>
          one === null ? [] : [[`${side.at}${one.file}`, one.text] as const],
        ),
      ]
    }),
  )
  return (file) => texts.get(file)
}
