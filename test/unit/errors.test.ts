import { describe, expect, it } from 'vitest'
import { GraphQLError, parse } from 'graphql'
import { ERRORS } from '../../gateway/error-catalogue.ts'
import { AssentError } from '../../gateway/errors.ts'
import { createErrorPresenter } from '../../gateway/door/present-error.ts'

describe('the catalogue of errors', () => {
  it.each(Object.entries(ERRORS))(
    '%s has a status, a sentence and a remedy',
    (_, { status, sentence, remedy }) => {
      expect(status).toBeGreaterThanOrEqual(200)
      expect(status).toBeLessThan(600)
      expect(sentence).toMatch(/^[A-Z].*\.$/)
      expect(remedy).toMatch(/^[A-Z].*\.$/)
    },
  )

  it('says code, place, remedy and status, and keeps the cause to itself', () => {
    const error = new AssentError('SUBGRAPH_UNREACHABLE', 'features', {
      path: ['customers', 0],
      cause: new Error('connect 10.0.0.7:4001'),
    })
    expect(error.toJSON()).toEqual({
      message: 'A subgraph cannot be reached (features).',
      path: ['customers', 0],
      extensions: {
        code: 'SUBGRAPH_UNREACHABLE',
        place: 'features',
        remedy: ERRORS.SUBGRAPH_UNREACHABLE.remedy,
        http: { status: 502 },
      },
    })
    expect(JSON.stringify(error)).not.toContain('10.0.0.7')
    expect(error.cause).toBeInstanceOf(Error)
  })
})

describe('an error on its way out', () => {
  const reported: { correlation: string; name: string; frames: readonly string[] }[] = []
  const present = createErrorPresenter((details) => reported.push(details))

  it('that nobody expected is INTERNAL with a correlation id, without text or stack', () => {
    const origin = new TypeError('ada@example.org is not iterable')
    const shown = present(
      { message: origin.message, extensions: { code: 'INTERNAL_SERVER_ERROR', stacktrace: ['x'] } },
      origin,
    )
    expect(shown.extensions).toMatchObject({ code: 'INTERNAL', correlation: reported[0]?.correlation })
    expect(JSON.stringify([shown, reported])).not.toContain('ada@example.org')
    expect(reported[0]?.name).toBe('TypeError')
    expect(reported[0]?.frames.length).toBeGreaterThan(0)
    expect(shown.extensions).not.toHaveProperty('stacktrace')
  })

  it.each([
    ['GRAPHQL_PARSE_FAILED', 'Syntax Error: Expected Name, found String "ada@example.org".'],
    ['GRAPHQL_PARSE_FAILED', 'Syntax Error: Unexpected String "ada@example.org \\" x".'],
    ['GRAPHQL_VALIDATION_FAILED', 'Int cannot represent non-integer value: "ada@example.org"'],
    [
      'BAD_USER_INPUT',
      'Variable "$first" got invalid value "ada@example.org"; Int cannot represent non-integer value: "ada@example.org"',
    ],
  ])('repeats no value: %s', (code, message) => {
    const value = parse('{ a(b: "x") }')
    const node = (
      value.definitions[0] as never as { selectionSet: { selections: { arguments: { value: never }[] }[] } }
    ).selectionSet.selections[0]?.arguments[0]?.value
    const shown = present(
      { message, extensions: { code } },
      new GraphQLError(message, { nodes: [node as never] }),
    )
    expect(shown.message).not.toContain('ada')
    expect(shown.extensions).toMatchObject({ code, remedy: expect.any(String), place: expect.any(String) })
  })

  it('names the variable that does not fit', () => {
    const message = 'Variable "$first" got invalid value "x"; Int cannot represent non-integer value: "x"'
    expect(
      present({ message, extensions: { code: 'BAD_USER_INPUT' } }, new GraphQLError(message)),
    ).toMatchObject({
      message: 'Variable "$first" does not fit its type.',
      extensions: { place: '$first' },
    })
  })
})
