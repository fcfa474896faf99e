import { describe, expect, test } from 'vitest'
import { compose } from '../../schema/compose.ts'

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@external", "@requires"])'

const violations = (subgraphs: Readonly<Record<string, string>>): string[] =>
  compose(
    Object.entries(subgraphs).map(([name, sdl]) => ({
      name,
      url: `http://127.0.0.1/${name}`,
      sdl: `${LINK}\n${sdl}`,
    })),
  ).violations.map(
    ({ code, subgraph, coordinate, line, message }) => `${code} ${subgraph} ${coordinate}:${line} ${message}`,
  )

describe('Fields that require each other in a circle', () => {
  test('are refused with the circle, where it is written', () => {
    expect(
      violations({
        prices: `type Query { parcel: Parcel }
          type Parcel @key(fields: "id") { id: ID!
            price: Int @requires(fields: "weight")
            weight: Int @external }`,
        weights:
          'type Parcel @key(fields: "id") { id: ID! weight: Int @requires(fields: "price") price: Int @external }',
      }),
    ).toEqual([
      'REQUIRES_CIRCLE prices Parcel.price:4 it is computed from itself: Parcel.price (in prices) requires Parcel.weight, Parcel.weight (in weights) requires Parcel.price',
    ])
  })

  test('are told once, however many fields are in the circle or lead into it', () => {
    const found = violations({
      a: `type Query { box: Box }
        type Box @key(fields: "id") { id: ID! content: Thing @external
          x: Int @requires(fields: "content { z }")
          beside: Int @requires(fields: "content { z }") }
        type Thing @key(fields: "id") { id: ID! z: Int @external }`,
      b: `type Box @key(fields: "id") { id: ID! content: Thing }
        type Thing @key(fields: "id") { id: ID! w: Int @external z: Int @requires(fields: "w") }`,
      c: `type Thing @key(fields: "id") { id: ID! box: Box @external w: Int @requires(fields: "box { x }") }
        type Box @key(fields: "id") { id: ID! x: Int @external }`,
      d: 'type Thing @key(fields: "id") { id: ID! box: Box } type Box @key(fields: "id") { id: ID! }',
    })
    expect(found).toEqual([
      expect.stringContaining(
        'Box.x (in a) requires Thing.z, Thing.z (in b) requires Thing.w, Thing.w (in c) requires Box.x',
      ),
    ])
  })

  test('are not those that require each other in a row', () => {
    expect(
      violations({
        a: `type Query { parcel: Parcel }
          type Parcel @key(fields: "id") { id: ID! price: Int @requires(fields: "weight") weight: Int @external }`,
        b: 'type Parcel @key(fields: "id") { id: ID! weight: Int @requires(fields: "size") size: Int @external }',
        c: 'type Parcel @key(fields: "id") { id: ID! size: Int }',
      }),
    ).toEqual([])
  })
})
