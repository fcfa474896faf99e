import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PolicyBundle } from '../../subgraphs/consent/policy/bundle.ts'
import { cellAt, type PolicyPlace } from '../../subgraphs/consent/policy/cell-at.ts'
import {
  type Cell,
  compareField,
  FIELD_NAMES,
  tightestOf,
} from '../../subgraphs/consent/policy/cell-fields.ts'
import { decideDefault } from '../../subgraphs/consent/policy/decide-default.ts'
import { EMPTY_LAYER, type Layer, type Patch } from '../../subgraphs/consent/policy/layer.ts'
import { type Layers, resolveRows } from '../../subgraphs/consent/policy/resolve-rows.ts'

const SCOPE = 'analytics'

const fields = {
  model: fc.constantFrom(
    'notice-only' as const,
    'opt-out' as const,
    'opt-in' as const,
    'prohibited' as const,
  ),
  legalBases: fc.subarray(['consent', 'contract', 'statute'] as const),
  retentionDays: fc.integer({ min: 1, max: 3 }),
  minimumAge: fc.integer({ min: 12, max: 14 }),
  unknownAge: fc.constantFrom('allowed' as const, 'denied' as const),
  languages: fc.subarray(['en', 'de', 'fr'], { minLength: 1 }),
  signals: fc.subarray(['gpc', 'tcf'] as const),
  mayLoosen: fc.subarray([...FIELD_NAMES]),
}
const cells: fc.Arbitrary<Cell> = fc.record(fields)
const patches: fc.Arbitrary<Patch> = fc.record(fields, { requiredKeys: [] })

const layerOf = (defaults: Patch, brands: ReadonlyMap<string, Layer> = new Map()): Layer => ({
  ...EMPTY_LAYER,
  defaults,
  brands,
})

const layered = fc.record({
  global: cells,
  group: patches,
  DE: patches,
  US: patches,
  CA: patches,
  outlet: patches,
})

type Source = typeof layered extends fc.Arbitrary<infer S> ? S : never

/** G1 holds DE and FR; only DE says more. Of US, only US-CA says more. The outlet says more in all of it. */
const layersOf = ({ global, group, DE, US, CA, outlet }: Source): Layers => ({
  scopes: [SCOPE],
  brands: ['main', 'outlet'],
  groups: new Map([['G1', ['DE', 'FR']]]),
  global: layerOf(global, new Map([['outlet', layerOf(outlet)]])),
  regions: new Map([
    ['G1', layerOf(group)],
    ['DE', layerOf(DE)],
    ['US', layerOf(US)],
    ['US-CA', layerOf(CA)],
  ]),
})

/** What is looser than allowed is told and not laid, so there are rows whatever the layers say. */
const bundleOf = (source: Source): { bundle: PolicyBundle; loosened: boolean } => {
  const layers = layersOf(source)
  const codes: string[] = []
  const rows = resolveRows(layers, (code) => codes.push(code))
  const identity = { name: 'any', version: '1.0.0', digest: '', id: 'any@1.0.0' }
  const signals = { gpc: [], tcf: new Map(), gpp: new Map(), gcm: new Map() }
  const { scopes, brands, groups } = layers
  const bundle = { ...identity, scopes, brands, groups, regions: [...layers.regions.keys()], rows, signals }
  return { bundle, loosened: codes.includes('POLICY_LOOSENS') }
}

const cell = (bundle: PolicyBundle, place: PolicyPlace): Cell => {
  const found = cellAt(bundle, SCOPE, place)
  if (typeof found === 'string') throw new Error(found)
  return found
}

const questions = fc.record({
  status: fc.constantFrom(null, 'given', 'withdrawn'),
  age: fc.constantFrom(null, 12, 13, 14),
  language: fc.constantFrom(null, 'en', 'de'),
  says: fc.subarray(['gpc', 'tcf'] as const),
})

type Question = typeof questions extends fc.Arbitrary<infer Q> ? Q : never

const holds = (bundle: PolicyBundle, place: PolicyPlace, { status, says, ...who }: Question): boolean => {
  const heard = says.map((kind) => ({ kind, scope: SCOPE, says: 'no' }) as const)
  return decideDefault(bundle, { ...place, ...who, scope: SCOPE }, status, heard).holds
}

describe('Inheritance', () => {
  test('never loosens a field without permission of what it inherits', () => {
    const steps: readonly (readonly [child: PolicyPlace, parent: PolicyPlace])[] = [
      [
        { region: 'FR', brand: 'main' },
        { region: 'KE', brand: 'main' },
      ],
      [
        { region: 'DE', brand: 'main' },
        { region: 'FR', brand: 'main' },
      ],
      [
        { region: 'US-NY', brand: 'main' },
        { region: 'KE', brand: 'main' },
      ],
      [
        { region: 'US-CA', brand: 'main' },
        { region: 'US-NY', brand: 'main' },
      ],
      [
        { region: 'US-CA', brand: 'outlet' },
        { region: 'US-CA', brand: 'main' },
      ],
    ]
    const property = fc.property(layered, (source) => {
      const { bundle } = bundleOf(source)
      for (const [child, parent] of steps) {
        const [above, below] = [cell(bundle, parent), cell(bundle, child)]
        const held = FIELD_NAMES.filter((name) => name === 'mayLoosen' || !above.mayLoosen.includes(name))
        for (const name of held) expect(['same', 'tighter']).toContain(compareField(name, above, below))
      }
    })
    fc.assert(property, { numRuns: 300 })
  })

  test('does what a layer says where everything may be loosened', () => {
    const free = (patch: Patch): Patch => ({ ...patch, mayLoosen: [...FIELD_NAMES] })
    const property = fc.property(layered, ({ global, group, DE, US, CA, outlet }) => {
      const { bundle, loosened } = bundleOf({
        global: { ...global, mayLoosen: [...FIELD_NAMES] },
        group: free(group),
        DE: free(DE),
        US: free(US),
        CA: free(CA),
        outlet: free(outlet),
      })
      expect(loosened).toBe(false)
      expect(cell(bundle, { region: 'DE', brand: 'main' })).toMatchObject(free(DE))
      expect(cell(bundle, { region: 'US-CA', brand: 'main' })).toMatchObject(free(CA))
      expect(cell(bundle, { region: 'US-CA', brand: 'outlet' })).toMatchObject(free(outlet))
    })
    fc.assert(property, { numRuns: 200 })
  })

  test('gives who does not say where, or under which brand, nothing that any of the places would refuse', () => {
    const wider: readonly (readonly [string | null, readonly string[]])[] = [
      ['US', ['US-CA', 'US-NY']],
      ['G1', ['DE', 'FR']],
      [null, ['US', 'G1', 'KE', 'DE', 'US-CA']],
    ]
    const property = fc.property(layered, questions, (source, question) => {
      const { bundle } = bundleOf(source)
      for (const [coarse, fine] of wider)
        for (const brand of ['main', 'outlet', null]) {
          if (!holds(bundle, { region: coarse, brand }, question)) continue
          for (const region of fine) expect(holds(bundle, { region, brand }, question)).toBe(true)
          if (brand === null)
            for (const one of ['main', 'outlet'])
              expect(holds(bundle, { region: coarse, brand: one }, question)).toBe(true)
        }
    })
    fc.assert(property, { numRuns: 300 })
  })
})

describe('Tighter', () => {
  test('means: what holds in the tightest of two cells holds in each', () => {
    let held = 0
    const property = fc.property(cells, cells, questions, (one, other, question) => {
      const source = { group: {}, US: {}, CA: {}, outlet: {} }
      const whole = [...FIELD_NAMES]
      const { bundle } = bundleOf({ ...source, global: { ...one, mayLoosen: whole }, DE: other })
      const both = bundleOf({ ...source, global: tightestOf(one, other), DE: {} }).bundle
      const place = { region: 'DE', brand: 'main' }
      if (!holds(both, place, question)) return
      held++
      expect(holds(bundle, place, question)).toBe(true)
      expect(holds(bundle, { region: 'KE', brand: 'main' }, question)).toBe(true)
    })
    fc.assert(property, { numRuns: 1500 })
    expect(held).toBeGreaterThan(2)
  })
})
