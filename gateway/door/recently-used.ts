/**
 * What was used last, by its text; together it never weighs more than so much. Whoever may ask can make up texts without
 * end, and they must not fill the memory (OWASP API4, unrestricted resource consumption).
 */
export class RecentlyUsed<Value> {
  // A Map remembers the order: what is used goes to its end, what is forgotten stands at its beginning.
  readonly #kept = new Map<string, Value>()
  readonly #most: number
  readonly #weightOf: (value: Value) => number
  #weight = 0

  constructor(most: number, weightOf: (value: Value) => number) {
    this.#most = most
    this.#weightOf = weightOf
  }

  get(key: string): Value | undefined {
    const value = this.#kept.get(key)
    if (value === undefined) return undefined
    this.#kept.delete(key)
    this.#kept.set(key, value)
    return value
  }

  /** What stands under the key from now on: the first to be kept stays, and with it all that is known by it. */
  keep(key: string, value: Value): Value {
    const first = this.get(key)
    if (first !== undefined) return first
    const weight = this.#weightOf(value)
    if (weight > this.#most) return value
    this.#kept.set(key, value)
    this.#weight += weight
    for (const [oldest, old] of this.#kept) {
      if (this.#weight <= this.#most) break
      this.#kept.delete(oldest)
      this.#weight -= this.#weightOf(old)
    }
    return value
  }
}
