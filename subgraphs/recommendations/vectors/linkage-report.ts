import type { RandomWords } from '../../../privacy/noise/random-words.ts'
import { exactSearch, innerProduct } from './exact-search.ts'
import { clippedTo, epsilonOfDistance, noising } from './noised-vector.ts'

export interface LinkageTerms {
  /** Of each person, without noise. */
  readonly people: readonly Float32Array[]
  /** What the attacker knows of each of them, in the same order; default: all of what the vectors were made of. */
  readonly known?: readonly Float32Array[]
  readonly items: readonly Float32Array[]
  readonly clip: number
  readonly words: RandomWords
}

export interface LinkageRow {
  readonly sigma: string
  /** What share of the twenty items that suit somebody best is still among their twenty. */
  readonly overlap: number
  /** In how many cases the stored vector that is nearest to what an attacker knows of somebody is theirs. */
  readonly linkage: number
  /** ε between any two people (δ = 1e-5), and between two who lie a fifth of the clip apart. Not an ε of the system. */
  readonly epsilon: number
  readonly epsilonNearby: number
}

/**
 * What a σ costs and what it is worth, side by side. The attacker knows what somebody did, computes the vector of it as we do, and
 * looks for the nearest of those that are stored.
 */
export function linkageReport(sigmas: readonly string[], terms: LinkageTerms): readonly LinkageRow[] {
  return sigmas.map((sigma) => rowOf(sigma, terms))
}

const TOP = 20
const DELTA = 1e-5

function rowOf(sigma: string, { people, known = people, items, clip, words }: LinkageTerms): LinkageRow {
  const noise = noising({ sigma, clip }, words)
  const stored = people.map(noise)
  const width = Number(sigma)
  return {
    sigma,
    overlap: overlapOf(people, stored, { items, clip }),
    linkage: linkageOf(known, stored, clip),
    epsilon: epsilonOfDistance(width, 2 * clip, DELTA),
    epsilonNearby: epsilonOfDistance(width, clip / 5, DELTA),
  }
}

/** People beyond some hundred say nothing more about quality. */
const ASKED = 300

function overlapOf(
  people: readonly Float32Array[],
  stored: readonly Float32Array[],
  { items, clip }: Pick<LinkageTerms, 'items' | 'clip'>,
): number {
  const candidates = items.map((vector, at) => ({ id: String(at), vector }))
  const best = (vector: Float32Array): readonly string[] =>
    exactSearch(candidates, vector, TOP).map(({ id }) => id)
  const asked = people.slice(0, ASKED)
  const shares = asked.map((own, at) => {
    const true20 = new Set(best(clippedTo(own, clip)))
    return best(stored[at] ?? own).filter((id) => true20.has(id)).length / true20.size
  })
  return shares.reduce((sum, share) => sum + share, 0) / shares.length
}

/** Nearest by distance: with noise in them, vectors differ in length. */
function linkageOf(known: readonly Float32Array[], stored: readonly Float32Array[], clip: number): number {
  const lengths = stored.map((vector) => innerProduct(vector, vector))
  const linked = known.filter((guess, person) => {
    const own = clippedTo(guess, clip)
    let nearest = -1
    let least = Infinity
    for (let at = 0; at < stored.length; at += 1) {
      const distance = (lengths[at] as number) - 2 * innerProduct(stored[at] as Float32Array, own)
      if (distance < least) [least, nearest] = [distance, at]
    }
    return nearest === person
  })
  return linked.length / known.length
}
