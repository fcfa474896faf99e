import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { COMMAND_FAILURES } from '../../cli/command-failure-catalogue.ts'
import { ERRORS } from '../../gateway/error-catalogue.ts'
import { CHECK_FAILURES } from '../../schema/check/check-failure-catalogue.ts'
import { FINDINGS } from '../../schema/check/finding-catalogue.ts'
import { VIOLATIONS } from '../../schema/violation-catalogue.ts'
import { POLICY_FAULTS } from '../../subgraphs/consent/policy/policy-fault-catalogue.ts'
import { CONTRACT_CHANGES } from '../../subgraphs/events/contracts/contract-change.ts'
import { CONTRACT_FAULTS } from '../../subgraphs/events/contracts/contract-fault-catalogue.ts'
import { DEFINITION_FAULTS } from '../../subgraphs/features/definitions/definition-fault-catalogue.ts'
import { ACTION_FAULTS } from '../../subgraphs/recommendations/actions/action-fault-catalogue.ts'
import { OWNERSHIP_FAULTS } from '../../subgraphs/ownership/ownership-fault-catalogue.ts'
import { SUBGRAPH_ERRORS } from '../../subgraphs/error-catalogue.ts'

type Catalogue = Readonly<Record<string, { readonly sentence: string }>>

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Which tables a room may take codes from. The words say codes for whoever reads them: composer and subgraph. */
const CATALOGUES: Readonly<Record<string, readonly Catalogue[]>> = {
  directives: [VIOLATIONS, SUBGRAPH_ERRORS],
  schema: [VIOLATIONS, FINDINGS, CHECK_FAILURES, CONTRACT_FAULTS],
  subgraphs: [
    SUBGRAPH_ERRORS,
    POLICY_FAULTS,
    OWNERSHIP_FAULTS,
    CONTRACT_FAULTS,
    CONTRACT_CHANGES,
    DEFINITION_FAULTS,
    ACTION_FAULTS,
  ],
  gateway: [ERRORS],
  cli: [ERRORS, DEFINITION_FAULTS, CHECK_FAILURES, COMMAND_FAILURES],
}

/** Raised by the GraphQL server itself and only translated here. */

const filesOf = (room: string): string[] =>
  readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('-catalogue.ts'))
    .map((file) => join(room, file))

const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')

/** Where a code is given to an error: `code: 'X'`, `code = 'X'`, and the first argument of whatever makes one. */
const GIVEN =
  /(?:\bcode(?:: \w+)?(?:: | = )|(?:AssentError|codedError|CodedFailure|CommandFailure|sentenceOf|refused|graded|fault|faultAt|failure|violation|tell)\(\s*(?:\w+,\s*)?)'([A-Z][A-Z0-9_]{4,})'/g

const givenIn = (file: string): string[] =>
  [...textOf(file).matchAll(GIVEN)].flatMap(([, code]) => code ?? [])

const isIn = (code: string) => (catalogue: Catalogue) => Object.hasOwn(catalogue, code)

describe('Error codes', () => {
  test.each(Object.entries(CATALOGUES))('of %s/ all stand in its catalogue', (room, catalogues) => {
    const given = filesOf(room).flatMap((file) => givenIn(file).map((code) => ({ file, code })))
    expect(given.length).toBeGreaterThan(0)
    expect(given.filter(({ code }) => !catalogues.some(isIn(code)))).toEqual([])
  })

  test('mean the same wherever they stand', () => {
    const all = [
      ERRORS,
      SUBGRAPH_ERRORS,
      POLICY_FAULTS,
      CONTRACT_FAULTS,
      CONTRACT_CHANGES,
      VIOLATIONS,
    ].flatMap((catalogue: Catalogue) => Object.entries(catalogue))
    const sentences = new Map<string, Set<string>>()
    for (const [code, { sentence }] of all)
      sentences.set(code, (sentences.get(code) ?? new Set()).add(sentence))
    expect([...sentences].filter(([, said]) => said.size > 1)).toEqual([])
  })

  test('in a catalogue are all used: none explains what cannot happen', () => {
    const unused = [
      ERRORS,
      SUBGRAPH_ERRORS,
      POLICY_FAULTS,
      CONTRACT_FAULTS,
      CONTRACT_CHANGES,
      VIOLATIONS,
      COMMAND_FAILURES,
    ].flatMap((catalogue: Catalogue) => {
      const rooms = Object.keys(CATALOGUES).filter((room) => CATALOGUES[room]?.includes(catalogue))
      const source = rooms.flatMap((room) => filesOf(room).map(textOf)).join('\n')
      return Object.keys(catalogue).filter((code) => !source.includes(`'${code}'`))
    })
    expect(unused).toEqual([])
  })
})
