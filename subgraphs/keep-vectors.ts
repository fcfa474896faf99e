import type { Vocabulary } from '../directives/vocabulary.ts'
import { codedError } from './coded-error.ts'
import { buildInteractions, itemsFeature } from './features/training/build-interactions.ts'
import type { TrainingPorts } from './features/training/training-ports.ts'
import type { TrainingSet, UsedReceipt } from './features/training/training-set.ts'
import { SCOPE_OF_VECTORS } from './recommendations/people-near.ts'
import { publishedAs, publishedFactors } from './recommendations/published-factors.ts'
import type { Model } from './recommendations/train/model.ts'
import { directionOf } from './recommendations/train/direction-of.ts'
import type { CleanVector, StoredVectors } from './recommendations/vectors/stored-vectors.ts'
import type { VectorStore } from './recommendations/vectors/vector-store.ts'

export interface KeepingVectors {
  /** The one that is served. */
  readonly model: Model
  readonly ports: TrainingPorts
  readonly vocabulary: Vocabulary
  readonly vectors: VectorStore
  readonly storedVectors: StoredVectors
}

export interface KeptVectors {
  readonly model: string
  /** Pids that agreed then and now, and of whom the model knows something. */
  readonly people: number
  /** Of whom a vector is kept since now; the others have one already. */
  readonly kept: number
}

/**
 * Keeps a vector, with noise in it, of each pid that agreed when things were taken and agrees now. Of a pid and not of a person: what two
 * pids did is not put into one vector, which would outlive the day on which they turn out to be two people. Throws the coded error of
 * terms under which none are kept before anybody is read.
 */
export async function keepVectors({
  model,
  ports,
  vocabulary,
  vectors,
  storedVectors,
}: KeepingVectors): Promise<KeptVectors> {
  const { name } = publishedAs(model)
  await storedVectors.put([], ports.clock())
  if (model.dims === 0) throw codedError('VECTOR_MODEL_OF_POPULARITY', name)
  await publishedFactors(model, vectors, ports.clock())
  itemsFeature(SPEC, ports, { vocabulary })
  const set = await buildInteractions(SPEC, ports, { vocabulary })
  const rows = vectorsOf(set, model, name)
  const kept = await storedVectors.put(rows, ports.clock())
  if (kept > 0) await vectors.index(name)
  return { model: name, people: rows.length, kept }
}

/** The same words as those of which lists are made. */
const FEATURE = 'products_bought_365d'

const SPEC = {
  name: `vectors-of-${FEATURE}`,
  purpose: 'personalization',
  consent: 'then-and-now',
  feature: FEATURE,
} as const

function vectorsOf({ rows, receipts }: TrainingSet, model: Model, name: string): readonly CleanVector[] {
  const taken = new Map<string, string[]>()
  for (const { pid, label } of rows) if (label !== null) taken.set(pid, [...(taken.get(pid) ?? []), label])
  const restsOn = oldestOf(receipts)
  return [...taken].flatMap(([pid, items]) => {
    const [vector, rest] = [directionOf(model, items), restsOn.get(pid)]
    return vector === null || rest === undefined ? [] : [{ pid, ...rest, model: name, vector }]
  })
}

/** What is made of several is gone with the first of them: it rests on the oldest yes. */
function oldestOf(
  receipts: readonly UsedReceipt[],
): ReadonlyMap<string, Pick<CleanVector, 'scope' | 'consentId' | 'consentRevision'>> {
  const oldest = new Map<string, Pick<CleanVector, 'scope' | 'consentId' | 'consentRevision'>>()
  for (const { pid, scope, receipt, revision } of receipts) {
    if (scope !== SCOPE_OF_VECTORS || receipt === null || revision === null) continue
    const known = oldest.get(pid)
    if (known !== undefined && BigInt(known.consentRevision) <= BigInt(revision)) continue
    oldest.set(pid, { scope, consentId: receipt, consentRevision: revision })
  }
  return oldest
}
