import { codedError } from '../../coded-error.ts'
import type { SubgraphErrorCode } from '../../error-catalogue.ts'
import type { Currency } from '../../standing/standing-store.ts'
import { MOST_RESULTS } from './chosen-to-hand-out.ts'
import type { Eligible, Found, Handing, RetrievalLine, VectorModel, VectorStore } from './vector-store.ts'

export interface RetrievalTerms {
  /** How long a result that was handed out counts. */
  readonly windowMs: number
  /** How often a client may search for one purpose in a window. */
  readonly searchesPerWindow: number
  /** For which purposes items are searched with what is known of a person. */
  readonly purposes: ReadonlySet<string>
  /** Which clients may find people, and for which purpose each. */
  readonly people: ReadonlyMap<string, string>
}

export interface Asked {
  /** The client: all of its tokens, replicas and aliases are one. */
  readonly caller: string
  readonly purpose: string
  /** The pid of the person it is for, as the gateway proved it; null: nobody in particular. */
  readonly about?: string | null
  readonly model: string
  readonly vector: Float32Array
  /** 1 to 20. */
  readonly k: number
  readonly eligible?: Eligible
}

export interface Retrieved {
  readonly model: VectorModel
  /** Best first; min(k, eligible) of them less what is withheld. */
  readonly found: readonly Found[]
  /** How many were found but not handed out, since the window holds as many as it may. */
  readonly withheld: number
}

export interface Retrieval {
  search(asked: Asked): Promise<Retrieved>
  /** Who is near, of those who consent to the scope. */
  people(asked: Asked & { readonly scope: string }): Promise<Retrieved>
}

export interface RetrievalOptions {
  readonly store: VectorStore
  readonly terms: RetrievalTerms
  readonly currency: Currency
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** The only way to the vectors for whoever asks from outside: what does not fit is refused before anything is read. */
export function createRetrieval(options: RetrievalOptions): Retrieval {
  const { store } = options
  return {
    search: (asked) =>
      retrieve(options, { ...asked, among: 'items' }, (model) => store.items({ ...asked, model })),
    people: (asked) =>
      retrieve(options, { ...asked, among: 'people' }, (model) =>
        currentPeople(options, (now) => store.people({ ...asked, model, now })),
      ),
  }
}

type AskedAmong = Asked & { readonly among: RetrievalLine['among'] }

async function retrieve(
  options: RetrievalOptions,
  asked: AskedAmong,
  find: (model: VectorModel) => Promise<readonly Found[]>,
): Promise<Retrieved> {
  const { store, terms, clock, currency } = options
  refuseShape(asked)
  const now = clock()
  const { caller: client, purpose, about = null, among, model: name, k } = asked
  const line = { at: now, client, purpose, about, among, model: name, k }
  const refuse = async (code: SubgraphErrorCode, place: string): Promise<never> => {
    await store.note({ ...line, given: 0, outcome: code })
    throw codedError(code, place)
  }
  if (!mayAsk(asked, terms)) await refuse('VECTOR_ROLE_MISSING', purpose)
  const { windowMs, searchesPerWindow: most } = terms
  const admitted = await store.admit({ client, purpose, searches: 1, most, windowMs, now })
  if (admitted === 'full') await refuse('VECTOR_QUOTA_SPENT', purpose)
  if (admitted === 'still full') throw codedError('VECTOR_QUOTA_SPENT', purpose)
  const model = (await store.model(name)) ?? (await refuse('VECTOR_MODEL_UNKNOWN', 'model'))
  if (model.dims !== asked.vector.length) await refuse('VECTOR_DIMENSION', `${model.dims} coordinates`)
  const turn = currency.turn()
  const found = await find(model)
  const { given, withheld } = await handOut(options, line, found)
  // Who took their yes back while it was counted is not among those that are found now.
  const isOvertaken = among === 'people' && !(currency.isCurrent(clock()) && currency.turn() === turn)
  const still = isOvertaken ? new Set((await find(model)).map(({ id }) => id)) : given
  return { model, found: found.filter(({ id }) => given.has(id) && still.has(id)), withheld }
}

async function handOut(
  { store, terms: { windowMs } }: RetrievalOptions,
  line: Handing['line'],
  results: readonly Found[],
): Promise<{ readonly given: ReadonlySet<string>; readonly withheld: number }> {
  const { among, about, purpose, k: wanted } = line
  // Whoever finds people finds so many of them, whomever they say it is for.
  const countedFor = among === 'people' ? null : about
  const found = results.map(({ id }) => id)
  const [list] = await store.handOut([{ line, countedFor, found, wanted, most: MOST_RESULTS, windowMs }])
  const given = new Set(list)
  if (found.length > 0 && given.size === 0) throw codedError('VECTOR_CAP_REACHED', purpose)
  return { given, withheld: found.length - given.size }
}

function refuseShape({ caller, purpose, model, k, vector, eligible = {} }: AskedAmong): void {
  if (!isName(caller) || !isName(purpose)) throw codedError('VECTOR_CALLER_MISSING')
  if (!isName(model)) throw codedError('VECTOR_MODEL_UNKNOWN', 'model')
  if (!Number.isInteger(k) || k < 1 || k > MOST_RESULTS) throw codedError('VECTOR_K_OUT_OF_RANGE', 'k')
  if (!vector.every(Number.isFinite)) throw codedError('VECTOR_NOT_FINITE', 'vector')
  if (isTooLong(eligible)) throw codedError('VECTOR_TOO_MANY_NAMED', 'eligible')
}

const isTooLong = ({ only = [], except = [] }: Eligible): boolean =>
  only.length > MOST_ONLY || except.length > MOST_EXCEPT

const MOST_ONLY = 100_000
const MOST_EXCEPT = 10_000

const isName = (text: string): boolean => text.length > 0 && text.length <= 200

const mayAsk = ({ caller, purpose, among }: AskedAmong, { purposes, people }: RetrievalTerms): boolean =>
  among === 'items' ? purposes.has(purpose) : people.get(caller) === purpose

const MOST_TURNS = 3

/** Who took their yes back while was searched is not found; and where it is not known, nobody is, rather than too few. */
async function currentPeople(
  { currency, clock }: RetrievalOptions,
  find: (now: number) => Promise<readonly Found[]>,
): Promise<readonly Found[]> {
  for (let round = 0; round < MOST_TURNS; round += 1) {
    const now = clock()
    const turn = currency.turn()
    if (!currency.isCurrent(now)) break
    // oxlint-disable-next-line no-await-in-loop -- one reading after the other
    const found = await find(now)
    if (currency.isCurrent(clock()) && currency.turn() === turn) return found
  }
  throw codedError('VECTORS_NOT_CURRENT')
}
