import { type DocumentNode, Kind } from 'graphql'
import type { Fragments } from './compiled-operation.ts'

export const fragmentsOf = ({ definitions }: DocumentNode): Fragments => {
  const named = definitions.flatMap((one) =>
    one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [],
  )
  return Object.assign(Object.create(null), Object.fromEntries(named)) as Fragments
}
