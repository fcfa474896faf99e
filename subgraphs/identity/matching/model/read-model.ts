import { COMPARISONS } from '../compare-people.ts'
import type { ComparisonModel, MatchModel } from '../match-model.ts'
import { VERSION } from './model-of.ts'
import type { Training } from './train.ts'

/** A model as it was written out. Throws when it is none, or compares other things than we do. */
export function readModel(value: unknown): MatchModel {
  const model = value as MatchModel
  const isOurs =
    model.version === VERSION &&
    model.comparisons.length === COMPARISONS.length &&
    model.comparisons.every(isComparedSo) &&
    isProbability(model.prior.match) &&
    (model.prior.household === 0 || isProbability(model.prior.household)) &&
    model.prior.match + model.prior.household < 1 &&
    Number.isSafeInteger(model.records) &&
    Array.isArray(model.vetoes)
  if (!isOurs) throw new TypeError('not a model of this version')
  return model
}

const isComparedSo = ({ name, levels }: ComparisonModel, at: number): boolean => {
  const own = COMPARISONS[at]
  return (
    name === own?.name &&
    levels.length === own.levels.length &&
    levels.every((level, number) => level.name === own.levels[number]?.name) &&
    levels.every(({ m, u, h }) => [m, u, h].every(isProbability))
  )
}

/** Nothing is impossible: that would be a veto. */
const isProbability = (value: unknown): boolean => typeof value === 'number' && value > 0 && value <= 1

/**
 * What was learned from other rows, for these. That two of them are one person is the less likely the more rows there
 * are, since everybody has about as many records as there.
 */
export function trainingOf(model: MatchModel, records: number, candidates: number): Training {
  const share = Math.min(1, Math.max(1, model.records) / Math.max(1, records))
  const column = (of: 'm' | 'u' | 'h'): Float64Array[] =>
    model.comparisons.map(({ levels }) => Float64Array.from(levels, (level) => level[of]))
  return {
    match: model.prior.match * share,
    household: model.prior.household * share,
    m: column('m'),
    u: column('u'),
    h: column('h'),
    iterations: 0,
    converged: true,
    candidates,
  }
}
