import { AssentError } from '../errors.ts'

export interface Refusals {
  /** What `make` gives, or nothing when it refuses; the refusal is kept. */
  gather<T>(make: () => T): T | undefined
  /** Throws what was gathered, as one error. */
  throwAny(): void
}

/** Several reasons to refuse one thing, told together: who repairs one by one publishes once for each. */
export const createRefusals = (): Refusals => {
  const refusals: AssentError[] = []
  return {
    gather(make) {
      try {
        return make()
      } catch (problem) {
        if (!(problem instanceof AssentError)) throw problem
        refusals.push(problem)
        return undefined
      }
    },
    throwAny() {
      const [first] = refusals
      if (first === undefined) return
      if (refusals.length === 1) throw first
      const faults = refusals.map(({ code, message, extensions }) => ({
        name: code,
        place: String(extensions['place']),
        problem: message,
        remedy: String(extensions['remedy']),
      }))
      throw new AssentError(first.code, 'supergraph', { faults, cause: first })
    },
  }
}
