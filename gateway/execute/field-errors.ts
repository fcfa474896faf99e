import { Kind, type SelectionSetNode } from 'graphql'
import { AssentError, type ErrorCode } from '../errors.ts'
import { type World, viewOf } from '../plan/world.ts'
import type { SubgraphError } from '../ports.ts'
import type { ResponsePath } from './targets.ts'

/** An error at a real path of the answer. A subgraph's own words are not in it: they may carry a person's data. */
export interface FieldError {
  readonly code: ErrorCode
  readonly place: string
  readonly path: ResponsePath
  /** The subgraph's own code, when it looks like a code. */
  readonly subgraphCode?: string
}

/** What a subgraph reported for root fields, at the paths of the merged answer. */
export const reportedErrors = (
  errors: readonly SubgraphError[],
  { subgraph, selection }: { subgraph: string; selection: SelectionSetNode },
  place: ResponsePath,
  world: World,
): FieldError[] =>
  errors.flatMap((error) => {
    const told = pathOf(error)
    const places = told.length > 0 ? [told] : responseKeys(selection).map((key) => [key])
    return places.map((path) => fieldError(error, subgraph, [...place, ...path], world))
  })

/** A request that failed whole: every field it asked for is missing. */
export const failureAt = (cause: unknown, selection: SelectionSetNode, at: ResponsePath): FieldError[] => {
  const { code, place } = explain(cause)
  return responseKeys(selection).map((key) => ({ code, place, path: [...at, key] }))
}

export const fieldError = (
  { extensions = {} }: SubgraphError,
  subgraph: string,
  path: ResponsePath,
  world: World,
): FieldError => {
  const { code, place } = extensions
  if (code === 'BAD_USER_INPUT' && isBound(place, subgraph, world)) return { code, place, path }
  return {
    code: 'SUBGRAPH_ERROR',
    place: subgraph,
    path,
    ...(typeof code === 'string' && /^[A-Z][A-Z_]{0,63}$/.test(code) ? { subgraphCode: code } : {}),
  }
}

/** Which argument is out of which bounds is the caller's to mend: a field there is, the name of an argument and two numbers. */
const isBound = (place: unknown, subgraph: string, world: World): place is string => {
  if (typeof place !== 'string') return false
  const [, type = '', field = ''] =
    /^(\w{1,64})\.(\w{1,64})\([a-zA-Z]{1,32}:\), -?\d{1,9} to \d{1,9}$/.exec(place) ?? []
  return viewOf(world, subgraph).types.get(type)?.fields.has(field) === true
}

/** The path of a subgraph's error: whatever is not a list of names and positions says nothing. */
export const pathOf = ({ path }: SubgraphError): ResponsePath =>
  Array.isArray(path) && path.every((one) => typeof one === 'string' || typeof one === 'number') ? path : []

/** What we did not foresee fails where it happened, like what we did: closed, and beside its neighbours. */
const explain = (cause: unknown): { code: ErrorCode; place: string } =>
  cause instanceof AssentError
    ? { code: cause.code, place: String(cause.extensions['place']) }
    : { code: 'INTERNAL', place: 'gateway' }

/** Keys of the fields a selection asks for, through fragments. */
const responseKeys = (set: SelectionSetNode): string[] => [
  ...new Set(
    set.selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [selection.alias?.value ?? selection.name.value]
      return selection.kind === Kind.INLINE_FRAGMENT ? responseKeys(selection.selectionSet) : []
    }),
  ),
]
