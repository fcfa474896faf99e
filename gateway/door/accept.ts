/** The two media types of an answer (GraphQL over HTTP §5.1). */
export type MediaType = 'application/json' | 'application/graphql-response+json'

/**
 * The media type of the answer: the one the client likes best, `application/json` where it says nothing; null when it takes
 * neither (RFC 9110 §12.5.1). Clients send one of few headers, so each is read once.
 */
export const chooseMediaType = (accept: string | undefined): MediaType | null => {
  if (!accept || accept === '*/*') return 'application/json'
  const known = chosen.get(accept)
  if (known !== undefined) return known
  const type = choose(accept)
  if (chosen.size >= 200) chosen.clear()
  if (accept.length <= 500) chosen.set(accept, type)
  return type
}

const chosen = new Map<string, MediaType | null>()

interface MediaRange {
  readonly type: string
  readonly quality: number
  readonly position: number
}

const choose = (accept: string): MediaType | null => {
  const ranges = accept.split(',').map(rangeOf)
  let best: { readonly type: MediaType; readonly range: MediaRange } | null = null
  for (const type of ['application/json', 'application/graphql-response+json'] as const) {
    const range = mostSpecific(type, ranges)
    if (range === undefined || range.quality === 0) continue
    if (best === null || comesBefore(range, best.range)) best = { type, range }
  }
  return best?.type ?? null
}

/** The better liked; of equals the one that is named rather than covered by `*`, then the one named first. */
const comesBefore = (a: MediaRange, b: MediaRange): boolean => {
  if (a.quality !== b.quality) return a.quality > b.quality
  const [here, there] = [specificity(a), specificity(b)]
  return here === there ? a.position < b.position : here > there
}

const specificity = ({ type }: MediaRange): number => (type === '*/*' ? 0 : type.endsWith('/*') ? 1 : 2)

const mostSpecific = (type: MediaType, ranges: readonly MediaRange[]): MediaRange | undefined =>
  ranges.find((range) => range.type === type) ??
  ranges.find((range) => range.type === 'application/*') ??
  ranges.find((range) => range.type === '*/*')

const rangeOf = (text: string, position: number): MediaRange => {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const valueOf = (name: string): string | undefined =>
    parameters.find((parameter) => parameter.startsWith(`${name}=`))?.slice(name.length + 1)
  const written = valueOf('q')
  const quality =
    written === undefined ? 1 : /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(written) ? Number(written) : 0
  // Answers are UTF-8; whoever wants another encoding cannot read them.
  const isReadable = ['utf-8', '"utf-8"', undefined].includes(valueOf('charset'))
  return { type, quality: isReadable ? quality : 0, position }
}
