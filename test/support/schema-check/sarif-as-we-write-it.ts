const text = { type: 'string' }
const object = (required: readonly string[], properties: Readonly<Record<string, object>>): object => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
})
const list = (items: object): object => ({ type: 'array', uniqueItems: true, items })
const message = object(['text'], { text })
/** RFC 3986: what may stand in a relative reference, the first part of which has no colon. */
const uri = { type: 'string', pattern: "^([A-Za-z0-9._~!$&'()*+,;=@/-]|%[0-9A-F]{2})+$" }

/**
 * Of the schema of SARIF 2.1.0 (OASIS standard with errata 01, sections 3.13 to 3.35), what holds for the objects that are
 * written: which of their properties are required, of which types and from which words, and that there are no others. It
 * takes nothing that the whole schema refuses: each object here has some of the properties that it has there, and asks for
 * at least what is required there.
 */
export const SARIF_AS_WE_WRITE_IT = object(['version', 'runs'], {
  $schema: { type: 'string', pattern: '^https://' },
  version: { const: '2.1.0' },
  runs: {
    type: 'array',
    items: object(['tool', 'results'], {
      tool: object(['driver'], {
        driver: object(['name'], {
          name: text,
          informationUri: { type: 'string', pattern: '^https://' },
          rules: list(
            object(['id'], {
              id: text,
              shortDescription: message,
              help: message,
              properties: { type: 'object', properties: { tags: list(text) } },
            }),
          ),
        }),
      }),
      columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
      invocations: {
        type: 'array',
        items: object(['executionSuccessful'], {
          executionSuccessful: { type: 'boolean' },
          exitCode: { type: 'integer' },
        }),
      },
      results: {
        type: 'array',
        items: object(['message'], {
          ruleId: text,
          ruleIndex: { type: 'integer', minimum: -1 },
          level: { enum: ['none', 'note', 'warning', 'error'] },
          message,
          locations: {
            type: 'array',
            items: object([], {
              physicalLocation: object(['artifactLocation'], {
                artifactLocation: object([], { uri }),
                region: object(['startLine'], {
                  startLine: { type: 'integer', minimum: 1 },
                  startColumn: { type: 'integer', minimum: 1 },
                }),
              }),
              logicalLocations: list(object([], { fullyQualifiedName: text })),
            }),
          },
          partialFingerprints: { type: 'object', additionalProperties: text },
          properties: { type: 'object' },
          suppressions: list(
            object(['kind'], {
              kind: { enum: ['inSource', 'external'] },
              status: { enum: ['accepted', 'underReview', 'rejected'] },
              justification: text,
            }),
          ),
        }),
      },
    }),
  },
})
