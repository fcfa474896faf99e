import { POLICY_MUTANTS } from './policy-mutants.ts'

/** One guard taken out: each text must stand exactly once in its file, so that a mutant cannot silently miss. */
export interface Mutant {
  readonly guard: string
  readonly edits: readonly Edit[]
  /** Where it is missed. */
  readonly suites: readonly string[]
  /** What a failing test must say, where failing alone proves too little. */
  readonly shows?: RegExp
  /** What none may say, because another guard stands behind this one. */
  readonly holds?: RegExp
}

interface Edit {
  readonly file: string
  readonly from: string
  readonly to: string
}

const WITHOUT_CUT: Edit = {
  file: 'gateway/plan/cut.ts',
  from: 'root: plan.root === null ? null : cutNode(plan.root, world),',
  to: 'root: plan.root,',
}

const WITHOUT_VERIFIER: Edit = {
  file: 'gateway/plan/verify.ts',
  from: 'if (plan.root !== null) verifyNode(plan.root, world)',
  to: '',
}

const WITHOUT_PRUNE: Edit = {
  file: 'gateway/fence/prune.ts',
  from: 'if (isOpen ? !pruning.keepsOpen : !pruning.keeps(`${pruning.type}.${name}`)) return []',
  to: '',
}

const decide = (from: string, to: string): Edit => ({ file: 'gateway/fence/decide.ts', from, to })
const GRANTED = 'null'

const PROPERTY = ['test/spec/no-leak.property.test.ts']
const UNAVAILABLE = ['test/spec/consent-unavailable.test.ts']
const TABLE = ['test/spec/permission-table.test.ts']

/** A value, or the resolver of a value, was reached without a grant. */
const LEAKED = /\b(LEAK|ASKED)\b/
/** A value that was not granted stands in the answer. */
const SHOWN = /\bSHOWN\b/

const WITHDRAWAL = ['test/spec/a-withdrawal-is-in-force-when-it-is-said-to-be.test.ts']

export const MUTANTS: readonly Mutant[] = [
  {
    guard: 'lease: looked at when the bytes reach a connection',
    edits: [
      {
        file: 'gateway/execute/fetch-entities.ts',
        from: 'lookups: lookupsOf(batches),\n    mayLeave,',
        to: 'lookups: lookupsOf(batches),',
      },
    ],
    suites: WITHDRAWAL,
  },
  {
    guard: 'lease: looked at when the answer is put together',
    edits: [
      { file: 'gateway/answer.ts', from: 'while (!fence.isSettled()) {', to: 'while (false as boolean) {' },
    ],
    suites: WITHDRAWAL,
  },
  {
    guard: 'lease: looked at when the answer is written',
    edits: [
      { file: 'gateway/door/answer-text.ts', from: 'answer.mayLeave?.() === false', to: 'false as boolean' },
    ],
    suites: ['test/spec/http-batch.test.ts'],
  },
  {
    guard: 'lease: an answer under way does not put the old state back',
    edits: [
      {
        file: 'gateway/lease/fills.ts',
        from: 'states.filter(({ subject }) => !fill.overtaken.has(subject))',
        to: 'states',
      },
    ],
    suites: WITHDRAWAL,
  },
  {
    guard: 'lease: a replica that lags',
    edits: [
      {
        file: 'gateway/lease/fills.ts',
        from: 'if (isBefore(revision, fill.floor))',
        to: 'if (false as boolean)',
      },
    ],
    suites: WITHDRAWAL,
  },
  {
    guard: 'lease: it runs out',
    edits: [
      {
        file: 'gateway/lease/lease.ts',
        from: 'if (from === null) return false',
        to: 'if (ms > 0) return true',
      },
    ],
    suites: WITHDRAWAL,
  },
  {
    guard: 'barrier: waits for who has not acknowledged',
    edits: [
      {
        file: 'subgraphs/consent/leases/barrier.ts',
        from: 'if (isBefore(lease.acknowledged, revision)) pending.push(lease.holder)',
        to: '',
      },
    ],
    suites: WITHDRAWAL,
  },
  {
    guard: 'cut (the verifier refuses the plan)',
    edits: [WITHOUT_CUT],
    suites: PROPERTY,
    shows: /\bPLAN_UNFENCED\b/,
    holds: LEAKED,
  },
  { guard: 'cut and verifier', edits: [WITHOUT_CUT, WITHOUT_VERIFIER], suites: PROPERTY, shows: LEAKED },
  {
    guard: 'prune (the projection still hides)',
    edits: [WITHOUT_PRUNE],
    suites: PROPERTY,
    shows: LEAKED,
    holds: SHOWN,
  },
  {
    guard: 'prune, inside values',
    edits: [{ file: 'gateway/fence/prune.ts', from: 'return refused ? [] : [', to: 'return [' }],
    suites: PROPERTY,
    shows: LEAKED,
  },
  {
    guard: 'prune and projection',
    edits: [
      WITHOUT_PRUNE,
      {
        file: 'gateway/project/permitted.ts',
        from: 'const shown = instead ? value : undefined',
        to: 'const shown = value',
      },
    ],
    suites: PROPERTY,
    shows: SHOWN,
  },
  {
    guard: 'subgraph check',
    edits: [
      { file: 'directives/enforce.ts', from: 'if (enforced.has(schema)) return schema', to: 'return schema' },
    ],
    suites: ['test/spec/schema-enforce.test.ts'],
  },
  {
    guard: 'decide: never asked is no',
    edits: [decide("found === undefined ? 'NOT_GIVEN'", `found === undefined ? ${GRANTED}`)],
    suites: PROPERTY,
  },
  {
    guard: 'decide: only given and renewed is yes',
    edits: [decide("return REASONS.get(status) ?? 'CONSENT_UNAVAILABLE'", `return ${GRANTED}`)],
    suites: PROPERTY,
  },
  {
    guard: 'decide: no receipt, no consent',
    edits: [decide("if (typeof receipt !== 'string' || receipt === '') return", 'if (false) return')],
    suites: UNAVAILABLE,
  },
  {
    guard: 'decide: what has run out',
    edits: [decide("return expiresAt > now ? null : 'EXPIRED'", `return ${GRANTED}`)],
    suites: [...TABLE, ...UNAVAILABLE],
  },
  {
    guard: 'decide: blocked people',
    edits: [
      decide(
        'return BLOCKS.has(state.blocked) ? state.blocked',
        `return BLOCKS.has(state.blocked) ? ${GRANTED}`,
      ),
    ],
    suites: PROPERTY,
  },
  {
    guard: 'decide: the caller’s scopes',
    edits: [decide("if (!caller.scopes.has(scope)) return 'CALLER_SCOPE'", '')],
    suites: TABLE,
  },
  {
    guard: 'caller: contract ∩ purpose ∩ token',
    edits: [
      {
        file: 'gateway/caller/identify.ts',
        from: '.filter((scope) => allowed.has(scope) && (named?.has(scope) ?? true))',
        to: '',
      },
    ],
    suites: ['test/spec/caller.test.ts'],
  },
  {
    guard: 'keepInputs',
    edits: [
      {
        file: 'gateway/fence/keep-inputs.ts',
        from: 'return keep(own, { world, type }, needed)',
        to: 'return own',
      },
    ],
    suites: TABLE,
  },
  {
    guard: 'entity proof',
    edits: [
      {
        file: 'gateway/execute/fetch-entities.ts',
        from: '\n      keyTextOf(answer, proof) === key &&',
        to: '',
      },
    ],
    suites: ['test/spec/a-subgraph-that-misbehaves.test.ts', ...TABLE],
  },
  ...POLICY_MUTANTS,
]
