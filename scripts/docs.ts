// Writes the generated pages of docs/, and the schema of the features. With --check it writes nothing and fails when a page differs.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { standardVocabulary } from '../directives/vocabulary.ts'
import { DENIALS } from '../gateway/fence/denial.ts'
import { SETTINGS } from '../gateway/settings.ts'
import type { Setting } from '../gateway/settings.ts'
import { openDefinitions } from '../subgraphs/features/definitions/definitions-in.ts'
import { writeSchema } from '../subgraphs/features/definitions/write-schema.ts'
import { errorsPage } from './docs/errors-page.ts'
import { eventTypesPage } from './docs/event-types-page.ts'
import { page, table } from './docs/markdown.ts'
import { observabilityPage } from './docs/observability-page.ts'

const root = fileURLToPath(new URL('../', import.meta.url))

const denials = (): string =>
  page(
    'Denials',
    'gateway/fence/denial.ts',
    'Why a value is withheld: the `reason` of each entry of `extensions.consent.withheld`. The list is closed.',
    table(
      ['reason', 'what it means'],
      Object.entries(DENIALS).map(([reason, sentence]) => [`\`${reason}\``, sentence]),
    ),
  )

const shown = (value: unknown): string => {
  if (value === null || (value instanceof Map && value.size === 0)) return ''
  return `\`${Array.isArray(value) ? value.join(',') : typeof value === 'string' ? value : JSON.stringify(value)}\``
}

const config = (): string =>
  page(
    'Settings',
    'gateway/settings.ts',
    'A flag wins over the environment, the environment over the settings file (`assent.yaml`, or `--config`). All faults are reported together, and nothing starts with one. `assent config` prints what holds.',
    table(
      ['in the file', 'in the environment', 'default', 'what for'],
      Object.values(SETTINGS).map((row: Setting<unknown>) => [
        `\`${row.yaml}\``,
        `\`${row.env}\``,
        shown(row.default),
        row.secret ? `${row.sentence} Never printed.` : row.sentence,
      ]),
    ),
  )

const vocabulary = (): string =>
  page(
    'Vocabulary',
    'directives/vocabulary.ts',
    `Version ${standardVocabulary.version}. A scope is what a person can say yes to; a purpose is what a caller wants to do, and the scopes are the most it may ask people for while doing it. Terms of the [W3C Data Privacy Vocabulary](https://w3id.org/dpv) and of [fideslang](https://ethyca.github.io/fideslang/) say what each means elsewhere.`,
    '## Scopes',
    table(
      ['scope', 'what it allows', 'DPV', 'fideslang'],
      [...standardVocabulary.scopes.values()].map(({ name, sentence, dpv, fides, isSensitive }) => [
        `\`${name}\``,
        isSensitive === true ? `${sentence} Sensitive: vectors kept under it are sealed.` : sentence,
        `\`${dpv}\``,
        `\`${fides}\``,
      ]),
    ),
    '## Purposes',
    table(
      ['purpose', 'what for', 'scopes', 'DPV', 'fideslang'],
      [...standardVocabulary.purposes.values()].map(({ name, sentence, scopes, dpv, fides }) => [
        `\`${name}\``,
        sentence,
        [...scopes].map((scope) => `\`${scope}\``).join(' '),
        `\`${dpv}\``,
        `\`${fides}\``,
      ]),
    ),
  )

interface RoomRules {
  readonly default: { readonly forbidden: readonly { readonly name: string; readonly comment: string }[] }
}

interface Cruised {
  readonly modules: readonly {
    readonly source: string
    readonly dependencies: readonly { readonly resolved: string }[]
  }[]
}

/** The room of a file: its first folder, and in the gateway the second as well. */
const roomOf = (file: string): string | undefined =>
  /^(gateway\/[^/.]+|directives|schema|subgraphs|gateway|cli|sdk)\//.exec(file)?.[1]

const rooms = async (): Promise<string> => {
  const depcruise = fileURLToPath(
    new URL('../node_modules/dependency-cruiser/bin/dependency-cruise.mjs', import.meta.url),
  )
  const targets = ['directives', 'schema', 'subgraphs', 'gateway', 'cli', 'privacy', 'registry', 'sdk']
  const { stdout } = spawnSync(
    process.execPath,
    [depcruise, '--config', '.dependency-cruiser.mjs', '--output-type', 'json', ...targets],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1e8,
    },
  )
  const arrows = new Set<string>()
  for (const { source, dependencies } of (JSON.parse(stdout) as Cruised).modules) {
    for (const { resolved } of dependencies) {
      const [from, to] = [roomOf(source), roomOf(resolved)]
      if (from !== undefined && to !== undefined && from !== to) arrows.add(`  ${from} --> ${to}`)
    }
  }
  const { default: rules } = (await import(
    new URL('../.dependency-cruiser.mjs', import.meta.url).href
  )) as RoomRules
  return page(
    'Rooms',
    'the imports and .dependency-cruiser.mjs',
    'An arrow says: knows. Types count as knowledge.',
    `\`\`\`mermaid\nflowchart LR\n${[...arrows].toSorted().join('\n')}\n\`\`\``,
    table(
      ['rule', 'sentence'],
      rules.forbidden.map(({ name, comment }) => [`\`${name}\``, comment]),
    ),
  )
}

const pages = {
  'docs/errors.md': errorsPage(),
  'docs/denials.md': denials(),
  'docs/config.md': config(),
  'docs/vocabulary.md': vocabulary(),
  'docs/event-types.md': eventTypesPage(`${root}events`),
  'docs/observability.md': observabilityPage(),
  'docs/rooms.md': await rooms(),
  // Not a page, and written here all the same: what a definition says is said nowhere a second time by hand.
  'subgraphs/features/schema.graphql': writeSchema(openDefinitions()),
}

const existing = (file: string): string => {
  try {
    return readFileSync(`${root}${file}`, 'utf8')
  } catch {
    return ''
  }
}

const stale = Object.entries(pages).filter(([file, text]) => existing(file) !== text)
if (!process.argv.includes('--check')) for (const [file, text] of stale) writeFileSync(`${root}${file}`, text)
else if (stale.length > 0) {
  console.error(`Not as \`npm run docs\` writes them: ${stale.map(([file]) => file).join(', ')}`)
  process.exitCode = 1
}
