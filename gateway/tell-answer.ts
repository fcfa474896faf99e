import type { GraphQLError } from 'graphql'
import { AssentError } from './errors.ts'
import type { GatewayResult } from './request.ts'
import type { JsonText } from './json-text.ts'
import type { Caller } from './ports.ts'
import type { Withheld } from './project/withheld.ts'

interface Outcome {
  readonly data: JsonText | null
  readonly errors: readonly GraphQLError[]
  readonly withheld: readonly Withheld[]
}

/** Withheld is an answer, not an error; the client's contract says how it is told. */
export const tellAnswer = ({ contract }: Caller, { data, errors, withheld }: Outcome): GatewayResult => {
  if (contract.onWithheld === 'reject' && withheld.length > 0) {
    const places = [...new Set(withheld.map(({ coordinate }) => coordinate))].join(', ')
    return { data: null, errors: [new AssentError('WITHHELD_REJECTED', places)], http: { status: 403 } }
  }
  if (errors.length === 0 && withheld.length === 0) return { data }
  const told = contract.disclose === 'full' ? withheld : placesOnly(withheld)
  return {
    data,
    ...(errors.length > 0 ? { errors } : {}),
    ...(told.length > 0 && contract.report === 'extensions'
      ? { extensions: { consent: { withheld: told } } }
      : {}),
  }
}

/** Neither scopes nor reasons, and so no line of its own for each reason: which people share one would tell it. */
const placesOnly = (withheld: readonly Withheld[]): Pick<Withheld, 'coordinate' | 'path' | 'count'>[] => {
  const places = new Map<string, { coordinate: string; path: string; count: number }>()
  for (const { coordinate, path, count } of withheld) {
    const place = places.get(`${coordinate} ${path}`) ?? { coordinate, path, count: 0 }
    place.count += count
    places.set(`${coordinate} ${path}`, place)
  }
  return [...places.values()]
}
