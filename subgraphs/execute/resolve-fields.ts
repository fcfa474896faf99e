import { defaultFieldResolver } from 'graphql'
import { isPromise, settleThenThrow } from './await-all.ts'
import type { AskedField, Path, Run, Selection } from './compiled-operation.ts'
import { nullFor } from './null-for.ts'
import { argumentsOf, resolveInfo } from './resolve-info.ts'

interface Met {
  readonly source: unknown
  readonly path: Path | undefined
}

type Answered = Record<string, unknown>

/** All fields of one object, or a promise where something of it is waited for. */
export const resolveFields = (
  run: Run,
  { fields, blank }: Selection,
  met: Met,
): Answered | Promise<Answered> => {
  const answered: Answered = blank()
  let isWaiting = false
  try {
    for (const field of fields) {
      const value = resolveField(run, field, met)
      answered[field.key] = value
      isWaiting ||= isPromise(value)
    }
  } catch (error) {
    if (isWaiting) return settleThenThrow(Object.values(answered), error)
    throw error
  }
  return isWaiting ? arrived(answered) : answered
}

const arrived = async (answered: Answered): Promise<Answered> => {
  const keys = Object.keys(answered)
  const values = await Promise.all(Object.values(answered))
  for (const [at, key] of keys.entries()) answered[key] = values[at]
  return answered
}

const resolveField = (run: Run, field: AskedField, { source, path: above }: Met): unknown => {
  const { definition, nodes, complete, parentType } = field
  const path: Path = { prev: above, key: field.key, typename: parentType.name }
  try {
    const resolve = definition.resolve ?? defaultFieldResolver
    const resolved = resolve(source, argumentsOf(run, field), run.context, resolveInfo(run, field, path))
    const completed = isPromise(resolved)
      ? resolved.then((value) => complete(run, value, path))
      : complete(run, resolved, path)
    if (!isPromise(completed)) return completed
    return completed.then(undefined, (error: unknown) =>
      nullFor(run, { type: definition.type, nodes, path }, error),
    )
  } catch (error) {
    return nullFor(run, { type: definition.type, nodes, path }, error)
  }
}
