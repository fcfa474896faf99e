import { COMPARISONS } from '../compare-people.ts'
import type { MatchModel } from '../match-model.ts'
import { VETOES } from '../vetoes.ts'
import { isByTerm } from './estimate.ts'
import type { Training } from './train.ts'

/** Of what is compared and how. */
export const VERSION = 'people-3'

type Rest = Pick<MatchModel, 'seed' | 'records' | 'thresholds'> & { readonly vetoes: number }

/** What was learned, in words and numbers. */
export const modelOf = (training: Training, { vetoes, ...rest }: Rest): MatchModel => ({
  version: VERSION,
  ...rest,
  candidates: training.candidates,
  iterations: training.iterations,
  converged: training.converged,
  prior: { match: training.match, household: training.household },
  vetoes: VETOES.map(({ name, why }, at) => ({ name, why, inForce: (vetoes & (1 << at)) !== 0 })),
  comparisons: COMPARISONS.map(({ name, levels }, at) => ({
    name,
    levels: levels.map((level, number) => ({
      name: level.name,
      m: training.m[at]?.[number] ?? 0,
      u: training.u[at]?.[number] ?? 0,
      h: training.h[at]?.[number] ?? 0,
      byTerm: isByTerm(at, number),
    })),
  })),
})
