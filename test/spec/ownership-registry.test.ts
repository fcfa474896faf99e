import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { checkProjection } from '../../subgraphs/ownership/check-projection.ts'
import { readRegistry } from '../../subgraphs/ownership/read-registry.ts'
import { GROUPS } from '../../subgraphs/ownership/registry.ts'
import { ownFields } from '../support/profile-desk.ts'

const root = new URL('../../ownership/', import.meta.url)
const FIELDS = readFileSync(new URL('fields.yaml', root), 'utf8')

const faultsOf = (text: string) =>
  readRegistry({ file: 'fields.yaml', text }, standardVocabulary).faults.map(
    ({ code, line, place }) => `${code} ${place} @${line}`,
  )

/** The line of the registry that begins so, within the attribute. */
const lineOf = (text: string, attribute: string, start: string): number => {
  const lines = text.split('\n')
  const from = lines.indexOf(`  ${attribute}:`)
  return 1 + lines.findIndex((line, at) => at >= from && line.trim().startsWith(start))
}

describe('The registry of this repository', () => {
  const registry = ownFields()

  test('has every group of the split, each attribute with the owner of its group or with rules', () => {
    for (const [group, owner] of Object.entries(GROUPS)) {
      const attributes = [...registry.attributes.values()].filter((one) => one.group === group)
      expect(attributes.length).toBeGreaterThan(0)
      for (const one of attributes) expect([one.name, one.owner]).toEqual([one.name, owner])
    }
  })

  test('has rules for e-mail, phone, country and lifecycle, and for nothing else', () => {
    const ruled = [...registry.attributes.values()].filter(({ owner }) => owner === null)
    expect(
      ruled.map(({ name, precedence }) => [name, precedence.map((rule) => rule.name).join(' ')]),
    ).toEqual([
      ['shared.email', 'present confirmed system'],
      ['shared.phone', 'present system'],
      ['shared.country', 'present newest system'],
      ['shared.lifecycle', 'present furthest system'],
    ])
  })

  test.each(readdirSync(new URL('projections/', root)))('gives what %s carries', (file) => {
    const text = readFileSync(new URL(`projections/${file}`, root), 'utf8')
    expect(checkProjection({ file, text }, registry)).toEqual([])
  })
})

describe('A registry that leaves something open is none', () => {
  const inEmail = (start: string) => lineOf(FIELDS, 'shared.email', start)
  const inTier = (start: string) => lineOf(FIELDS, 'account.tier', start)
  const edited = (attribute: string, from: string, to: string): string => {
    const at = FIELDS.indexOf(`\n  ${attribute}:`)
    const place = FIELDS.indexOf(from, at)
    return FIELDS.slice(0, place) + to + FIELDS.slice(place + from.length)
  }

  test.each<readonly [string, string, string]>([
    [
      'two owners by one name',
      `${FIELDS}  account.tier:\n    owner: cdp\n`,
      `OWNERSHIP_UNREADABLE DUPLICATE_KEY @${FIELDS.split('\n').length}`,
    ],
    [
      'an owner and rules',
      edited('shared.email', 'precedence:', 'owner: crm\n    precedence:'),
      `OWNERSHIP_TWICE attributes.shared.email.owner @${inEmail('precedence')}`,
    ],
    [
      'neither',
      edited('account.tier', '    owner: crm\n', ''),
      `OWNERSHIP_NOBODY attributes.account.tier @${inTier('account.tier')}`,
    ],
    [
      'another owner than the split has',
      edited('account.tier', 'owner: crm', 'owner: cdp'),
      `OWNERSHIP_NOT_BY_THE_SPLIT attributes.account.tier.owner @${inTier('owner')}`,
    ],
    [
      'an owner of what is shared',
      edited(
        'shared.email',
        'precedence:\n      - present\n      - confirmed\n      - system: [crm, cdp]',
        'owner: crm',
      ),
      `OWNERSHIP_NOT_BY_THE_SPLIT attributes.shared.email.owner @${inEmail('precedence')}`,
    ],
    [
      'a system nobody listed',
      edited('account.tier', 'owner: crm', 'owner: erp'),
      `OWNERSHIP_SYSTEM_UNKNOWN attributes.account.tier.owner @${inTier('owner')}`,
    ],
    [
      'a system nobody listed in a rule',
      edited('shared.email', '[crm, cdp]', '[crm, erp]'),
      `OWNERSHIP_SYSTEM_UNKNOWN attributes.shared.email.precedence.2 @${inEmail('- system')}`,
    ],
    [
      'rules that may not decide',
      edited('shared.email', '      - system: [crm, cdp]\n', ''),
      `OWNERSHIP_UNDECIDED attributes.shared.email.precedence @${inEmail('precedence')}`,
    ],
    [
      'rules behind the one that decides',
      edited('shared.email', '[crm, cdp]\n', '[crm, cdp]\n      - newest\n'),
      `OWNERSHIP_UNDECIDED attributes.shared.email.precedence @${inEmail('precedence')}`,
    ],
    [
      'a rule nobody knows',
      edited('shared.email', '- confirmed', '- longest'),
      `OWNERSHIP_VALUE_INVALID attributes.shared.email.precedence.1 @${inEmail('- confirmed')}`,
    ],
    [
      'a rule twice',
      edited('shared.email', '- confirmed', '- present'),
      `OWNERSHIP_VALUE_INVALID attributes.shared.email.precedence @${inEmail('precedence')}`,
    ],
    [
      'an order of what has none',
      edited('shared.email', '- confirmed', '- furthest'),
      `OWNERSHIP_VALUE_INVALID attributes.shared.email.precedence.1 @${inEmail('- confirmed')}`,
    ],
    [
      'a group there is not',
      edited('account.tier', 'account.tier', 'orders.total'),
      `OWNERSHIP_GROUP_UNKNOWN attributes.orders.total @${inTier('account.tier')}`,
    ],
    [
      'a scope nobody knows',
      edited('events.count', 'scope: analytics', 'scope: snooping'),
      `OWNERSHIP_SCOPE_UNKNOWN attributes.events.count.scope @${lineOf(FIELDS, 'events.count', 'scope')}`,
    ],
    [
      'consent to nothing',
      edited('events.count', '    scope: analytics\n', ''),
      `OWNERSHIP_ELEMENT_MISSING attributes.events.count.scope @${lineOf(FIELDS, 'events.count', 'events.count')}`,
    ],
    [
      'a contract that asks for consent',
      edited('account.tier', 'basis: contract', 'basis: contract\n    scope: analytics'),
      `OWNERSHIP_VALUE_INVALID attributes.account.tier.scope @${inTier('basis') + 1}`,
    ],
    [
      'a word that means nothing',
      edited('account.tier', 'owner: crm', 'ownr: crm\n    owner: crm'),
      `OWNERSHIP_SETTING_UNKNOWN attributes.account.tier.ownr @${inTier('owner')}`,
    ],
    [
      'for ever',
      edited('account.tier', 'retention: P2Y', 'retention: forever'),
      `OWNERSHIP_VALUE_INVALID attributes.account.tier.retention @${inTier('retention')}`,
    ],
    [
      'no version',
      FIELDS.replace('version: 1.0.0', 'version: newest'),
      `OWNERSHIP_VALUE_INVALID version @${lineOf(FIELDS, '', 'version')}`,
    ],
  ])('%s', (_, text, fault) => {
    expect(faultsOf(text)).toEqual([fault])
  })

  test.each(['meaning', 'kind', 'classification', 'purpose', 'basis', 'retention', 'consumers'])(
    'an attribute without %s lacks it by its path',
    (element) => {
      const at = lineOf(FIELDS, 'account.territory', `${element}:`)
      const lines = FIELDS.split('\n')
      expect(faultsOf(lines.toSpliced(at - 1, 1).join('\n'))).toContain(
        `OWNERSHIP_ELEMENT_MISSING attributes.account.territory.${element} @${inTier('account.tier') + 10}`,
      )
    },
  )

  test.each(Object.keys(GROUPS))('a split in which nobody has %s', (group) => {
    const [head = '', ...attributes] = FIELDS.split(/^(?=  [a-z]+\.[a-z_]+:$)/m)
    const left = attributes.filter((one) => !one.startsWith(`  ${group}.`))
    const text = head + left.join('')
    expect(faultsOf(text)).toEqual([`OWNERSHIP_GROUP_EMPTY attributes @${lineOf(FIELDS, '', 'attributes:')}`])
  })
})

describe('A projection carries what has a contract with whom it is given to', () => {
  const registry = ownFields()
  const faults = (text: string) =>
    checkProjection({ file: 'card.yaml', text }, registry).map(
      ({ code, line, place }) => `${code} ${place} @${line}`,
    )

  test.each<readonly [string, string, string]>([
    [
      'raw behaviour into the CRM',
      'to: crm\nattributes:\n  - account.tier\n  - events.last_at\n',
      'OWNERSHIP_EVENT_IN_CRM attributes.1 @4',
    ],
    [
      'an event the registry does not even know',
      'to: crm\nattributes: [events.page_viewed]\n',
      'OWNERSHIP_EVENT_IN_CRM attributes.0 @2',
    ],
    [
      'an attribute nobody governs into the CDP',
      'to: cdp\nattributes:\n  - traits.favourite_colour\n',
      'OWNERSHIP_WITHOUT_CONTRACT attributes.0 @3',
    ],
    [
      'what is not for this system',
      'to: cdp\nattributes:\n  - shared.phone\n',
      'OWNERSHIP_NOT_A_CONSUMER attributes.0 @3',
    ],
    ['to nobody', 'to: erp\nattributes:\n  - account.tier\n', 'OWNERSHIP_SYSTEM_UNKNOWN to @1'],
  ])('%s', (_, text, fault) => {
    expect(faults(text)).toContain(fault)
  })

  test.each([
    '',
    'to: crm\n',
    'to: crm\nattributes: none\n',
    'to: crm\nattributes: []\n',
    '- crm\n',
    'to: crm\nto: cdp\n',
  ])('nothing that can be read', (text) => {
    expect(faults(text).length).toBeGreaterThan(0)
  })
})
