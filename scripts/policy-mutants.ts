import type { Mutant } from './mutants.ts'

const room = (file: string): string => `subgraphs/consent/policy/${file}`

const one = (guard: string, file: string, [from, to]: readonly [string, string], suite: string): Mutant => ({
  guard: `policy: ${guard}`,
  edits: [{ file: room(file), from, to }],
  suites: [`test/spec/${suite}.test.ts`],
})

const CELLS = 'policy-cells'
const SIGNALS = 'policy-signals'
const INHERITANCE = 'policy-inheritance.property'

/** Guards of policy bundles and signals. */
export const POLICY_MUTANTS: readonly Mutant[] = [
  one(
    'a layer does not loosen',
    'resolve-rows.ts',
    ["return name === 'mayLoosen' || !before.mayLoosen.includes(name)", 'return false'],
    INHERITANCE,
  ),
  one(
    'permission to loosen is not made up',
    'resolve-rows.ts',
    ["name === 'mayLoosen' || !before", '!before'],
    INHERITANCE,
  ),
  one(
    'who could be anywhere has the tightest cell',
    'resolve-rows.ts',
    ['rest.reduce((tightest, row) => tightestOf(tightest, row.get(scope) ?? cell), cell)', 'cell'],
    INHERITANCE,
  ),
  one(
    'a region that is no place is denied',
    'cell-at.ts',
    ["if (!isPlace(region) && !bundle.groups.has(region)) return 'UNKNOWN_REGION'", ''],
    CELLS,
  ),
  one('a no is a no', 'decide-default.ts', ["if (said === 'no') return no('SAID_NO')", ''], CELLS),
  one(
    'what is prohibited is prohibited',
    'decide-default.ts',
    ["if (model === 'prohibited') return 'PROHIBITED'", ''],
    'policy-in-decisions',
  ),
  one('opt-in asks', 'decide-default.ts', ["if (cell.model === 'opt-in')", 'if (false as boolean)'], CELLS),
  one(
    'who is too young',
    'decide-default.ts',
    ["if (age != null && !(age >= minimumAge)) return 'UNDER_AGE'", ''],
    CELLS,
  ),
  one(
    'a signal takes away',
    'decide-default.ts',
    ["return isRefused ? 'SIGNAL' : null", 'return null'],
    CELLS,
  ),
  one(
    'two readers of a TCF string agree',
    'signals/read-tc-string.ts',
    ['if (textOf(allowed(factsOf(model))) !== textOf(facts)) return false', ''],
    SIGNALS,
  ),
  one(
    'a TCF string is written again',
    'signals/read-tc-string.ts',
    ['return again !== null && textOf(again) === textOf(facts)', 'return again !== null'],
    SIGNALS,
  ),
  one(
    'vendors are disclosed',
    'signals/read-signals.ts',
    [' && string.vendorsDisclosed.has(vendor)', ''],
    SIGNALS,
  ),
  one(
    'the disclosed vendors segment is there',
    'signals/read-tc-string.ts',
    [
      "if (vendorsDisclosed === null) throw codedError('TC_STRING_WITHOUT_DISCLOSED_VENDORS', place)",
      'if (vendorsDisclosed === null) return { ...facts, vendorsDisclosed: new Set() }',
    ],
    SIGNALS,
  ),
  one(
    'a TCF string ends where it ends',
    'signals/tc-bits.ts',
    ['for (let bit = 0; bit < left; bit++) if (this.int(1) === 1) throw new NotWhole()', ''],
    SIGNALS,
  ),
  one(
    'what a TCF string unfolds into is bounded',
    'signals/tc-bits.ts',
    ['if (this.#budget.left < 0) throw new NotWhole()', ''],
    SIGNALS,
  ),
  one(
    'a GPP section is written as it came',
    'signals/read-gpp-string.ts',
    ["if (raw !== '' && sameSegments(again, raw)) return values", 'if (again !== null) return values'],
    SIGNALS,
  ),
  one(
    'a yes for a place nobody knows is refused',
    'apply-policy.ts',
    ["if (row === 'UNKNOWN_REGION') throw codedError('UNKNOWN_REGION', 'region')", ''],
    'policy-in-decisions',
  ),
]
