/** Where the supergraph comes from, and comes from again when it changes. */
export interface SupergraphSource {
  /** What messages call it; carries no secret. */
  readonly name: string
  /** Whether one that cannot be read now may be readable in a moment: a service can be away, a file is there or not. */
  readonly mayBeAway: boolean
  /** The text, or null when it is the one of the last call. Throws `SUPERGRAPH_UNAVAILABLE`. */
  read(): Promise<string | null>
  /** Calls `changed` as soon as another text may be there; a source that is not told of changes never does. Returns how to stop. */
  onChange(changed: () => void): () => void
}
