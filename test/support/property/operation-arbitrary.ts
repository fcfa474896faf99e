import fc, { type Random, type Stream, Value } from 'fast-check'
import type { GraphQLSchema } from 'graphql'
import type { Operation } from './operation.ts'
import { OperationWriter } from './operation-writer.ts'
import { smallerOperations } from './smaller-operations.ts'

/** Random valid operations of a schema; a counterexample is made smaller node by node, and stays valid. */
export class OperationArbitrary extends fc.Arbitrary<Operation> {
  readonly #schema: GraphQLSchema
  readonly #ids: readonly string[]

  constructor(schema: GraphQLSchema, ids: readonly string[]) {
    super()
    this.#schema = schema
    this.#ids = ids
  }

  override generate(random: Random): Value<Operation> {
    const below = (limit: number) => random.nextInt(0, limit - 1)
    for (let tries = 0; tries < TRIES; tries += 1) {
      const operation = new OperationWriter(this.#schema, this.#ids, below).write()
      if (operation !== null) return new Value(operation, undefined)
    }
    return new Value({ query: '{ __typename }', variables: {} }, undefined)
  }

  override canShrinkWithoutContext(value: unknown): value is Operation {
    return typeof value === 'object' && value !== null && 'query' in value
  }

  override shrink(operation: Operation): Stream<Value<Operation>> {
    const smaller = smallerOperations(operation, this.#schema)
    return fc.stream(smaller).map((one) => new Value(one, undefined))
  }
}

const TRIES = 20
