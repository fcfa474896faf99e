import type { ConsentContext, ConsentState } from '../ports.ts'

/** The same for contexts in which the same holds. */
export const contextKey = ({ channel, region, brand, gpc, age }: ConsentContext): string =>
  JSON.stringify([channel, region, brand, gpc, age])

/** What is known of people's consent, one state a person and context. The longest known go first when there are too many. */
export class KeptStates {
  private readonly contexts = new Map<string, Map<string, ConsentState>>()
  private readonly keys = new WeakMap<ConsentContext, string>()
  private size = 0
  private readonly most: number

  constructor(most: number) {
    this.most = most
  }

  get(subject: string, context: ConsentContext): ConsentState | undefined {
    return this.contexts.get(this.keyOf(context))?.get(subject)
  }

  set(state: ConsentState, context: ConsentContext): void {
    const key = this.keyOf(context)
    const states = this.contexts.get(key) ?? new Map<string, ConsentState>()
    this.contexts.set(key, states)
    if (!states.has(state.subject)) this.size += 1
    states.delete(state.subject)
    states.set(state.subject, state)
    if (this.size > this.most) this.dropOldest(states)
  }

  forget(subject: string): void {
    for (const states of this.contexts.values()) if (states.delete(subject)) this.size -= 1
  }

  clear(): void {
    this.contexts.clear()
    this.size = 0
  }

  private dropOldest(states: Map<string, ConsentState>): void {
    const [oldest] = states.keys()
    if (oldest !== undefined && states.delete(oldest)) this.size -= 1
  }

  /** Nearly all contexts belong to contracts: the same object for all callers of one client. */
  private keyOf(context: ConsentContext): string {
    const known = this.keys.get(context)
    if (known !== undefined) return known
    const key = contextKey(context)
    this.keys.set(context, key)
    return key
  }
}
