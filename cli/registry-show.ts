import { Command } from 'commander'
import type { Deprecation, Move, Tag, Use } from '../registry/registry-store.ts'
import type { Report } from '../schema/check/finding.ts'
import { EXIT } from './exit-code.ts'
import { registryClient, type RegistryFlags, versionNamed, withRegistry } from './registry-client.ts'
import { reportAsText } from './registry-publish.ts'
import { table } from './table.ts'

export const tagsCommand = (): Command =>
  withRegistry(new Command('tags'))
    .description('Lists the tags and where they point.')
    .action(async (flags: RegistryFlags) => {
      const tags = await registryClient(flags).ask<readonly Tag[]>('GET', '/tags')
      tell(flags, tags, () =>
        table(tags.map(({ tag, version, sequence, at, by }) => [tag, String(sequence), version, at, by])),
      )
    })

export const showCommand = (): Command =>
  withRegistry(new Command('show'))
    .description('Lists the files of a version, and where its subgraphs answer.')
    .argument('<tag-or-version>', 'such as production, or the number of a version')
    .action(async (named: string, flags: RegistryFlags) => {
      const version = await versionNamed(registryClient(flags), named)
      const { hash, at, by, files, urls } = version
      tell(flags, version, () =>
        [
          `${hash}  ${at}  ${by}`,
          table(files.map(({ file, text }) => [`  ${file}`, `${Buffer.byteLength(text)} bytes`])),
          table(Object.entries(urls).map(([name, url]) => [`  ${name}`, url])),
        ].join('\n'),
      )
    })

export const historyCommand = (): Command =>
  withRegistry(new Command('history'))
    .description('Lists where a tag has pointed, the newest first.')
    .argument('[tag]', 'the tag', 'prod')
    .action(async (tag: string, flags: RegistryFlags) => {
      const moves = await registryClient(flags).ask<readonly Move[]>(
        'GET',
        `/tags/${encodeURIComponent(tag)}/history`,
      )
      tell(flags, moves, () =>
        table(
          moves.map(({ sequence, because, version, at, by }) => [String(sequence), because, version, at, by]),
        ),
      )
    })

export const diffCommand = (): Command =>
  withRegistry(new Command('diff'))
    .description('Prints what one version changes of another, for whom, and what it weakens.')
    .argument('<base>', 'a tag or a version')
    .argument('<head>', 'a tag or a version')
    .action(async (base: string, head: string, flags: RegistryFlags) => {
      const query = new URLSearchParams({ base, head })
      const report = await registryClient(flags).ask<Report>('GET', `/diff?${query.toString()}`)
      tell(flags, report, () => reportAsText(report) || 'Nothing is different.')
      if (report.outcome === 'blocked') process.exitCode = EXIT.failed
    })

export const deprecationsCommand = (): Command =>
  withRegistry(new Command('deprecations'))
    .description('Lists deprecated fields, from when on they may go, and which clients still use them.')
    .argument('[tag]', 'the tag', 'prod')
    .action(async (tag: string, flags: RegistryFlags) => {
      const path = `/tags/${encodeURIComponent(tag)}/deprecations`
      const all = await registryClient(flags).ask<readonly (Deprecation & { uses: readonly Use[] })[]>(
        'GET',
        path,
      )
      tell(flags, all, () =>
        table(
          all.map(({ coordinate, until, reason, uses }) => [
            coordinate,
            `until ${until.slice(0, 10)}`,
            uses.map(({ client, count }) => `${client} ${count}`).join(', ') || 'unused',
            reason,
          ]),
        ),
      )
    })

const tell = (flags: RegistryFlags, data: unknown, text: () => string): void =>
  console.log(flags.json ? JSON.stringify(data, null, 2) : text())
