/**
 * Who asked whether an identifier is known. A MAC that anybody may ask for is a dictionary: e-mail addresses and phone
 * numbers are few enough to be tried one by one, so each try is written down before it is answered, and they are counted.
 */
export interface LookupLog {
  /** Answers how many this client has made since then, this one among them. */
  append(lookup: Lookup, since: number): Promise<number>
}

/** Never the value, nor a token of it: this table is no list of people. */
export interface Lookup {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly client: string
  /** The person the client's token speaks for. */
  readonly actor: string | null
  readonly purpose: string
  /** The id of the client's request, as in decision records. */
  readonly request: string
  readonly kind: string
}

export function createMemoryLookupLog(): LookupLog & { readonly lookups: readonly Lookup[] } {
  const lookups: Lookup[] = []
  return {
    lookups,
    async append(lookup, since) {
      lookups.push(lookup)
      return lookups.filter(({ client, at }) => client === lookup.client && at > since).length
    },
  }
}
