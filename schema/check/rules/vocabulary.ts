import type { PurposeTerm, ScopeTerm } from '../../../directives/vocabulary.ts'
import type { Check } from '../check-context.ts'
import { shownFile } from '../contracts.ts'
import type { FindingCode } from '../finding-catalogue.ts'
import type { Side } from '../side.ts'
import type { Told } from '../tell.ts'
import { yamlPlaces } from '../yaml-terms.ts'

/** A word means to people what it meant when they agreed (GDPR Art. 4(11): specific, informed). */
export const vocabulary: Check = ({ base, head }) => {
  const faults = [head, ...(base.contracts === head.contracts ? [] : [base])].flatMap(faultsOf)
  if (faults.length > 0 || base.vocabulary === head.vocabulary) return faults
  return [
    ...words(head, ['scopes', base.vocabulary.scopes, head.vocabulary.scopes]),
    ...words(head, ['purposes', base.vocabulary.purposes, head.vocabulary.purposes]),
    ...uses(head, base.vocabulary.purposes, head.vocabulary.purposes),
  ]
}

const faultsOf = ({ contracts, vocabularyFaults }: Side): Told[] =>
  vocabularyFaults.map((detail) => ({
    code: 'VOCABULARY_INVALID',
    coordinate: 'vocabulary',
    detail: `${detail}.`,
    ...(contracts.vocabulary === null
      ? {}
      : { source: { file: shownFile(contracts, contracts.vocabulary.file), line: 1, column: 1 } }),
  }))

type Terms<T> = ReadonlyMap<string, T>

const words = (
  head: Side,
  [list, before, after]: readonly ['scopes' | 'purposes', Terms<ScopeTerm>, Terms<ScopeTerm>],
): Told[] =>
  [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const [one, other] = [before.get(name), after.get(name)]
    const place = at(head, [list, name])
    if (one === undefined) return [{ ...place, code: 'SCOPE_WORD_ADDED' }]
    if (other === undefined) return [{ ...place, code: 'SCOPE_WORD_REMOVED' }]
    return meaningOf(one) === meaningOf(other)
      ? []
      : [{ ...place, code: 'SCOPE_MEANING_CHANGED', before: meaningOf(one), after: meaningOf(other) }]
  })

const meaningOf = ({ sentence, dpv, fides }: ScopeTerm): string => `${sentence} (${dpv}, ${fides})`

const at = ({ contracts }: Side, path: readonly string[]): Pick<Told, 'coordinate' | 'source'> => ({
  coordinate: `vocabulary ${path.join('.')}`,
  ...(contracts.vocabulary === null ? {} : { source: yamlPlaces(contracts, contracts.vocabulary).at(path) }),
})

const uses = (head: Side, before: Terms<PurposeTerm>, after: Terms<PurposeTerm>): Told[] =>
  [...after].flatMap(([name, { scopes }]) => {
    const earlier = before.get(name)?.scopes
    if (earlier === undefined) return []
    const told = (code: FindingCode, one: string): Told => ({
      ...at(head, ['purposes', name, 'scopes']),
      code,
      after: one,
    })
    return [
      ...[...scopes].filter((one) => !earlier.has(one)).map((one) => told('PURPOSE_MAY_MORE', one)),
      ...[...earlier].filter((one) => !scopes.has(one)).map((one) => told('PURPOSE_MAY_LESS', one)),
    ]
  })
