import { getArgumentValues, type GraphQLResolveInfo } from 'graphql'
import type { AskedField, Path, Place, Run } from './compiled-operation.ts'

/** Most resolvers never look: what is told of a field is put together when somebody asks. */
class ResolveInfo implements GraphQLResolveInfo {
  readonly #run: Run
  readonly #place: Place
  readonly path: Path

  constructor(run: Run, place: Place, path: Path) {
    this.#run = run
    this.#place = place
    this.path = path
  }

  get fieldName(): string {
    return this.#place.definition.name
  }

  get fieldNodes(): Place['nodes'] {
    return this.#place.nodes
  }

  get returnType(): GraphQLResolveInfo['returnType'] {
    return this.#place.definition.type
  }

  get parentType(): GraphQLResolveInfo['parentType'] {
    return this.#place.parentType
  }

  get schema(): GraphQLResolveInfo['schema'] {
    return this.#run.compiled.schema
  }

  get fragments(): GraphQLResolveInfo['fragments'] {
    return this.#run.compiled.fragments
  }

  get rootValue(): object {
    return ROOT
  }

  get operation(): GraphQLResolveInfo['operation'] {
    return this.#run.compiled.operation
  }

  get variableValues(): GraphQLResolveInfo['variableValues'] {
    return this.#run.variables
  }
}

export const resolveInfo = (run: Run, place: Place, path: Path): GraphQLResolveInfo =>
  new ResolveInfo(run, place, path)

/** Nothing is known before a query has asked. */
export const ROOT: object = Object.freeze({})

export const argumentsOf = (run: Run, field: AskedField): Readonly<Record<string, unknown>> => {
  if (field.definition.args.length === 0) return NO_ARGUMENTS
  const known = run.given.get(field)
  if (known !== undefined) return known
  const given = getArgumentValues(field.definition, field.nodes[0], run.variables)
  run.given.set(field, given)
  return given
}

const NO_ARGUMENTS: Readonly<Record<string, unknown>> = Object.freeze({})
