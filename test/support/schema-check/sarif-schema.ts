import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'

/**
 * The whole JSON Schema of SARIF 2.1.0 (OASIS Static Analysis Results Interchange Format TC, 2.1.0-rtm.5, as JSON Schema Store
 * publishes it), unchanged. Taken from the npm package `@microsoft/jest-sarif` 1.0.0-beta.0, `lib/schemas/sarif-2.1.0-rtm.5.json`:
 * copyright OASIS Open; the package is copyright Microsoft Corporation, licence MIT.
 */
const FILE = new URL('sarif-2.1.0-rtm.5.json', import.meta.url)

/**
 * Draft 4 calls its identifier `id`; of what else it writes otherwise than draft 7 (bounds as booleans) the schema has nothing. One
 * of its patterns is none with the flag `u`.
 */
const { $schema: _draft4, id: _id, ...schema } = JSON.parse(readFileSync(FILE, 'utf8'))

const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false })
addFormats.default(ajv)

export const isSarif = ajv.compile(schema)
