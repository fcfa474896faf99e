import { appendFileSync, existsSync } from 'node:fs'
import { beforeEach, describe, expect, test } from 'vitest'
import { effectiveState } from '../../subgraphs/consent/receipts/effective-state.ts'
import { importConsents } from '../../subgraphs/consent/import/import-consents.ts'
import { journalFiles } from '../../subgraphs/consent/import/journal.ts'
import { readMapping } from '../../subgraphs/consent/import/mapping.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { type ConsentStore, ReceiptConflict } from '../../subgraphs/consent/store.ts'
import {
  csv,
  IMPORT_NOW,
  importDirectory,
  importOptions,
  outcomesOf,
  written,
} from '../support/import-files.ts'
import { firstReceipt, successor } from '../support/receipts.ts'

const HEADER = 'subject,scope,status,at,expiresAt,region'
const directory = importDirectory()
let store: ConsentStore
let count = 0
const file = (content: string | Buffer, end = 'csv'): string =>
  written(directory, `${(count += 1)}.${end}`, content)

beforeEach(() => {
  store = createMemoryConsentStore()
})

const run = (path: string, more: Parameters<typeof importOptions>[0] = {}) =>
  importConsents(store, path, importOptions(more))

const statusOf = async (subject: string, scope = 'analytics'): Promise<string | undefined> => {
  const record = (await store.records([subject])).get(subject)
  return record && effectiveState(record, {}, IMPORT_NOW).scopes.get(scope)?.status
}

/** What became of each row, in words. */
const told = (path: string): readonly string[] =>
  outcomesOf(path).map(({ outcome, code, place }) =>
    code === undefined ? outcome : `${outcome} ${code} (${place})`,
  )

describe('An import of consents', () => {
  test('writes one receipt a row, with all that the row says', async () => {
    const header = `${HEADER},channel,brand,source,surface,actor,noticeVersion,noticeLanguage,legalBasis,controller,recipients,withdrawalMethod`
    const row =
      'ada,analytics,given,2026-01-02T03:04:05Z,2027-01-01,SE,web,north,crm,/form,storefront,7,sv,dpv:A6-1-a,"Nord, AB",A; B,by mail'
    await run(file(csv(header, row)))
    expect(await store.history('ada')).toMatchObject([
      {
        scope: 'analytics',
        status: 'given',
        at: Date.parse('2026-01-02T03:04:05Z'),
        expiresAt: Date.parse('2027-01-01'),
        region: 'SE',
        channel: 'web',
        brand: 'north',
        source: 'import:crm',
        surface: '/form',
        actor: 'storefront',
        notice: { version: '7', language: 'sv' },
        legalBasis: 'dpv:A6-1-a',
        controller: 'Nord, AB',
        recipients: ['A', 'B'],
        withdrawalMethod: 'by mail',
      },
    ])
  })

  test('reads the same from NDJSON, and other names and words through a mapping', async () => {
    const mapping = readMapping(
      'subject: id\nscope: { constant: analytics }\nat: when\nstatus: { column: optin, values: { Y: given, N: refused } }',
    )
    const rows = [
      { id: 'ada', optin: 'Y', when: '2026-01-01', ignored: { by: 'mapping' } },
      { id: 'bo', optin: 'N', when: '2026-01-01' },
      { id: 'cyd', optin: 'maybe', when: '2026-01-01' },
    ]
    const path = file(rows.map((row) => JSON.stringify(row)).join('\n'), 'ndjson')
    await run(path, { format: 'ndjson', mapping })
    expect([await statusOf('ada'), await statusOf('bo'), await statusOf('cyd')]).toEqual([
      'given',
      'refused',
      undefined,
    ])
    expect(told(path)).toEqual(['written', 'written', 'refused IMPORT_VALUE_INVALID (line 3, status)'])
  })

  test('changes nothing when the same file comes again, under whatever name', async () => {
    const text = csv(
      HEADER,
      'ada,analytics,given,2026-01-01,,',
      'ada,analytics,withdrawn,2026-02-01,,',
      'bo,profiling,given,2026-01-01,,DE',
    )
    await run(file(text))
    const revision = await store.revision()
    const again = file(text)
    expect((await run(again)).counts).toEqual({ written: 0, already: 3, refused: 0 })
    expect((await run(again)).counts).toEqual({ written: 0, already: 3, refused: 0 })
    expect(await store.revision()).toBe(revision)
  })

  test('takes a row once that comes twice in a file, and a key for one row only', async () => {
    const path = file(
      csv(
        'key,subject,scope,status,at',
        'k1,ada,analytics,given,2026-01-01',
        'k1,ada,analytics,given,2026-01-01',
        'k2,ada,analytics,given,2026-01-01',
        'k1,ada,analytics,withdrawn,2026-02-01',
        'k1,bo,analytics,given,2026-01-01',
      ),
    )
    await run(path)
    expect(told(path)).toEqual([
      'written',
      'already',
      'already',
      'refused STATEMENT_ID_REUSED (line 5, key)',
      'written',
    ])
  })

  test.each([
    ['an unknown scope', 'ada,stalking,given,2026-01-01,,', 'UNKNOWN_SCOPE (line 2, scope)'],
    ['no scope', 'ada,,given,2026-01-01,,', 'UNKNOWN_SCOPE (line 2, scope)'],
    ['an unknown region', 'ada,analytics,given,2026-01-01,,XQ', 'UNKNOWN_REGION (line 2, region)'],
    ['nobody', ',analytics,given,2026-01-01,,', 'INVALID_SUBJECT (line 2, subject)'],
    ['the reserved person', 'anonymous,analytics,given,2026-01-01,,', 'INVALID_SUBJECT (line 2, subject)'],
    ['a receipt from the future', 'ada,analytics,given,2026-05-02,,', 'RECEIPT_FROM_THE_FUTURE (line 2, at)'],
    ['no instant', 'ada,analytics,given,,,', 'IMPORT_VALUE_INVALID (line 2, at)'],
    ['a day that is in no calendar', 'ada,analytics,given,2026-02-30,,', 'IMPORT_VALUE_INVALID (line 2, at)'],
    ['a time without a zone', 'ada,analytics,given,2026-01-01T10:00,,', 'IMPORT_VALUE_INVALID (line 2, at)'],
    [
      'a consent that had run out when it was given',
      'ada,analytics,given,2026-01-01,2026-01-01,',
      'INVALID_EXPIRY (line 2, expiresAt)',
    ],
    ['a state nobody says', 'ada,analytics,renewed,2026-01-01,,', 'IMPORT_VALUE_INVALID (line 2, status)'],
    [
      'a cell too many',
      'ada,analytics,given,2026-01-01,,,',
      'IMPORT_ROW_UNREADABLE (line 2, 7 cells for 6 columns)',
    ],
    ['a stray quote', 'ada,ana"lytics,given,2026-01-01,,', 'IMPORT_ROW_UNREADABLE (line 2, quotes)'],
    ['words behind quotes', '"ada"x,analytics,given,2026-01-01,,', 'IMPORT_ROW_UNREADABLE (line 2, quotes)'],
    ['a huge field', `${'a'.repeat(200_000)},analytics,given,2026-01-01,,`, 'IMPORT_ROW_TOO_LONG (line 2)'],
  ])('refuses %s, and that row alone', async (_what, row, refusal) => {
    const path = file(csv(HEADER, row, 'bo,analytics,given,2026-01-01,,'))
    await run(path)
    expect(told(path)).toEqual([`refused ${refusal}`, 'written'])
    expect(await store.revision()).toBe('1')
  })

  test('takes no row for whole that a copy may have been broken off in: its yes would never run out', async () => {
    const header = 'subject,scope,status,at,expiresAt'
    const rows = `${header}\nbo,analytics,given,2026-01-01,2030-01-01\nada,analytics,given,2026-01-01,`
    const path = file(rows)
    await run(path)
    expect(told(path)).toEqual([
      'written',
      'refused IMPORT_ROW_UNREADABLE (line 3, a comma and no line end behind it)',
    ])
    const whole = file(`${rows}\n`)
    await run(whole)
    expect(told(whole)).toEqual(['already', 'written'])
  })

  test.each([
    ['client', 'actor', 'nobody-we-know', 'UNKNOWN_CLIENT (line 2, actor)'],
    ['brand', 'brand', 'south', 'UNKNOWN_BRAND (line 2, brand)'],
    ['channel that is no word', 'channel', 'a b', 'INVALID_CONTEXT (line 2, channel)'],
    ['notice that is no version', 'noticeVersion', 'a b', 'INVALID_CIRCUMSTANCE (line 2, notice.version)'],
    ['line with a control character', 'controller', 'a\tb', 'INVALID_CIRCUMSTANCE (line 2, controller)'],
  ])('refuses a %s', async (_what, field, value, refusal) => {
    const path = file(csv(`subject,scope,status,at,${field}`, `ada,analytics,given,2026-01-01,${value}`))
    await run(path)
    expect(told(path)).toEqual([`refused ${refusal}`])
  })

  test('repeats no value, in the outcome or in what is thrown', async () => {
    const canary = 'canary-7f3a'
    const path = file(
      csv(HEADER, `${canary},${canary},${canary},${canary},${canary},${canary}`, `"${canary}"x`),
    )
    await run(path)
    expect(JSON.stringify(outcomesOf(path))).not.toContain(canary)
    const stray = run(file(csv(`${HEADER},${canary}`)))
    await expect(stray).rejects.toMatchObject({ code: 'IMPORT_FILE_UNREADABLE' })
    await expect(stray).rejects.not.toThrow(canary)
  })

  test('keeps the last word in force: what was said before it is refused, yes and no', async () => {
    const path = file(
      csv(
        HEADER,
        'ada,analytics,withdrawn,2026-03-01,,',
        'ada,analytics,given,2026-02-01,,',
        'ada,analytics,given,2026-03-01,,',
        'bo,analytics,given,2026-03-01,,',
        'bo,analytics,withdrawn,2026-02-01,,',
        'cyd,analytics,given,2026-03-01,,',
        'cyd,analytics,withdrawn,2026-03-01,,',
      ),
    )
    await run(path)
    expect(told(path)).toEqual([
      'written',
      'refused RECEIPT_OUT_OF_ORDER (line 3, at)',
      'refused RECEIPT_OUT_OF_ORDER (line 4, at)',
      'written',
      'refused RECEIPT_OUT_OF_ORDER (line 6, at)',
      'written',
      'written',
    ])
    expect([await statusOf('ada'), await statusOf('bo'), await statusOf('cyd')]).toEqual([
      'withdrawn',
      'given',
      'withdrawn',
    ])
  })

  test('does not lift a withdrawal that a person made here since', async () => {
    const given = firstReceipt('ada', 'analytics', { at: Date.parse('2026-01-01') })
    await store.append([given, successor(given, 'withdrawn', { at: Date.parse('2026-04-01') })])
    const path = file(csv(HEADER, 'ada,analytics,given,2026-03-01,,'))
    await run(path)
    expect(told(path)).toEqual(['refused RECEIPT_OUT_OF_ORDER (line 2, at)'])
    expect(await statusOf('ada')).toBe('withdrawn')
  })

  test('takes no yes of a person who is suppressed, nothing of one who is erased', async () => {
    await store.mark('ada', 'suppressed', 0)
    await store.mark('bo', 'erased', 0)
    const path = file(
      csv(
        HEADER,
        ...['ada', 'bo'].flatMap((who) => [
          `${who},analytics,given,2026-01-01,,`,
          `${who},analytics,withdrawn,2026-01-02,,`,
        ]),
      ),
    )
    await run(path)
    expect(outcomesOf(path).map(({ outcome, code }) => code ?? outcome)).toEqual([
      'SUBJECT_BLOCKED',
      'written',
      'SUBJECT_BLOCKED',
      'SUBJECT_BLOCKED',
    ])
  })

  test('takes consent that has run out since as what it was, and it grants nothing', async () => {
    await run(file(csv(HEADER, 'ada,analytics,given,2020-01-01,2021-01-01,')))
    expect(await statusOf('ada')).toBe('expired')
  })
})

describe('The file of an import', () => {
  test('may have a byte order mark, CRLF, empty lines, quotes with line ends and no last line end', async () => {
    const text = `\uFEFFsubject,scope,status,at,controller\r\n\r\nada,analytics,given,2026-01-01,"North ""Shops"", AB"\r\n"bo",analytics,given,"2026-01-01",South`
    const path = file(text)
    await run(path)
    expect(outcomesOf(path)).toEqual([
      { row: 1, line: 3, outcome: 'written' },
      { row: 2, line: 4, outcome: 'written' },
    ])
    expect((await store.history('ada'))[0]?.controller).toBe('North "Shops", AB')
  })

  test('counts the lines inside quotes, and refuses such a value where one line is meant', async () => {
    const path = file(
      csv(
        'subject,scope,status,at,controller',
        'ada,analytics,given,2026-01-01,"a\nb"',
        'bo,x,given,2026-01-01,',
      ),
    )
    await run(path)
    expect(told(path)).toEqual([
      'refused INVALID_CIRCUMSTANCE (line 2, controller)',
      'refused UNKNOWN_SCOPE (line 4, scope)',
    ])
  })

  test('names the line that is not UTF-8', async () => {
    const path = file(
      Buffer.concat([
        Buffer.from(`${HEADER}\nada,analytics,given,2026-01-01,,\nb`),
        Buffer.from([0xff, 0xfe]),
        Buffer.from(',analytics,given,2026-01-01,,\ncyd,analytics,given,2026-01-01,,\n'),
      ]),
    )
    await run(path)
    expect(told(path)).toEqual(['written', 'refused IMPORT_ROW_UNREADABLE (line 3, UTF-8)', 'written'])
  })

  test('is read no further than a quote that is not closed: text is never taken for rows', async () => {
    const path = file(
      csv(HEADER, 'ada,analytics,given,2026-01-01,,', '"bo', 'cyd,analytics,given,2026-01-01,,'),
    )
    await expect(run(path, { batchRows: 1 })).rejects.toMatchObject({
      code: 'IMPORT_FILE_UNREADABLE',
      place: 'line 3, a quote is not closed',
    })
    expect(await statusOf('cyd')).toBeUndefined()
    expect(told(path)).toEqual(['written'])
  })

  test.each([
    ['is empty', '', 'line 1, there is no header'],
    ['has a column that is no field', csv(`${HEADER},expires_at`), 'line 1, column 7 is not a field'],
    ['has a column twice', csv(`${HEADER},at`), 'line 1, column 4 comes twice'],
  ])('is refused as a whole when it %s', async (_what, content, place) => {
    await expect(run(file(content))).rejects.toMatchObject({ code: 'IMPORT_FILE_UNREADABLE', place })
  })

  test.each(['scope: [', 'scope: x', 'subject: a\nscope: b\nstatus: c\nat: d\nexpires: e', '- a'])(
    'is not begun with the mapping %j',
    (text) => {
      expect(() => readMapping(text)).toThrow(/mapping cannot be read/)
    },
  )

  test.each([
    ['no JSON', '{"subject": "ada"', 'IMPORT_ROW_UNREADABLE (line 1, JSON)'],
    ['no object', '["ada"]', 'IMPORT_ROW_UNREADABLE (line 1, JSON)'],
    [
      'an unknown member',
      '{"subject":"ada","expires":"x"}',
      'IMPORT_VALUE_INVALID (line 1, a member that is not a field)',
    ],
    [
      'in two minds',
      '{"subject":"ada","scope":"analytics","at":"2026-01-01","status":"withdrawn","\\u0073tatus":"given"}',
      'IMPORT_ROW_UNREADABLE (line 1, a name comes twice)',
    ],
    ['a number for a text', '{"subject":7}', 'IMPORT_VALUE_INVALID (line 1, subject)'],
    ['a list for a text', '{"subject":["ada"]}', 'IMPORT_VALUE_INVALID (line 1, subject)'],
  ])('has rows of NDJSON refused that are %s', async (_what, line, refusal) => {
    const path = file(
      `${line}\n{"subject":"bo","scope":"analytics","status":"given","at":"2026-01-01"}`,
      'ndjson',
    )
    await run(path, { format: 'ndjson' })
    expect(told(path)).toEqual([`refused ${refusal}`, 'written'])
  })
})

const ROWS = [
  ...Array.from({ length: 40 }, (_, index) => `p${index % 13},analytics,given,2026-01-${day(index)},,`),
  'p1,stalking,given,2026-01-01,,',
  ...Array.from({ length: 20 }, (_, index) => `p${index},analytics,withdrawn,2026-02-${day(index)},,`),
  'p1,analytics,given,2026-01-31,,',
  'p1,analytics,withdrawn,2026-02-02,,',
]

function day(index: number): string {
  return String(1 + (index % 28)).padStart(2, '0')
}

describe('An import that is broken off', () => {
  /** Everything a store holds that does not depend on who wrote it. */
  const stateOf = async (one: ConsentStore) =>
    Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const history = await one.history(`p${index}`)
        return history.map(({ status, at, version, statement }) => ({ status, at, version, statement }))
      }),
    )

  /** A store whose nth append fails, before anything is written or after all of it is. */
  const failing = (nth: number, when: 'before' | 'after'): ConsentStore => {
    let appends = 0
    return {
      ...store,
      async append(receipts) {
        appends += 1
        if (appends === nth && when === 'before') throw new Error('gone')
        const answer = await store.append(receipts)
        if (appends === nth) throw new Error('gone')
        return answer
      },
    }
  }

  test('goes on where it was: the same receipts, and the same outcome of each row', async () => {
    const whole = file(csv(HEADER, ...ROWS))
    await run(whole, { batchRows: 5 })
    const [state, outcomes] = [await stateOf(store), outcomesOf(whole)]
    for (const when of ['before', 'after'] as const)
      for (const nth of [1, 2, 5, 9]) {
        store = createMemoryConsentStore()
        const path = file(csv(HEADER, ...ROWS))
        await expect(
          importConsents(failing(nth, when), path, importOptions({ batchRows: 5 })),
        ).rejects.toThrow('gone')
        // A line of the outcome that was begun when the process was killed.
        appendFileSync(journalFiles(path).outcome, '{"row":')
        const resumed = await run(path, { batchRows: 7 })
        expect(resumed.isResumed).toBe(true)
        expect([when, nth, await stateOf(store)]).toEqual([when, nth, state])
        expect(outcomesOf(path)).toEqual(outcomes)
      }
  })

  test('does not go on with another file or another mapping, but begins anew when told to', async () => {
    const path = file(csv(HEADER, ...ROWS))
    await expect(importConsents(failing(2, 'after'), path, importOptions({ batchRows: 5 }))).rejects.toThrow()
    appendFileSync(path, 'cyd,analytics,given,2026-01-01,,\n')
    await expect(run(path)).rejects.toMatchObject({ code: 'IMPORT_FILE_CHANGED' })
    expect((await run(path, { isAnew: true })).counts).toMatchObject({ already: 11 })
    expect(outcomesOf(path)).toHaveLength(ROWS.length + 1)
  })

  test('leaves no draft behind', async () => {
    const path = file(csv(HEADER, ...ROWS))
    await run(path)
    expect(existsSync(`${journalFiles(path).position}.new`)).toBe(false)
  })
})

describe('Somebody who writes during an import', () => {
  test('is heard: the rows are judged anew', async () => {
    const given = firstReceipt('p1', 'analytics', { at: Date.parse('2025-01-01') })
    await store.append([given])
    let isFirst = true
    const busy: ConsentStore = {
      ...store,
      async append(receipts) {
        if (isFirst) {
          isFirst = false
          await store.append([successor(given, 'withdrawn', { at: Date.parse('2026-04-30') })])
        }
        return store.append(receipts)
      },
    }
    const path = file(csv(HEADER, 'p1,analytics,given,2026-04-01,,', 'p2,analytics,given,2026-04-01,,'))
    await importConsents(busy, path, importOptions())
    expect(told(path)).toEqual(['refused RECEIPT_OUT_OF_ORDER (line 2, at)', 'written'])
    expect(await statusOf('p1')).toBe('withdrawn')
  })

  test('holds up only the rows of the chain they never leave alone', async () => {
    const busy: ConsentStore = {
      ...store,
      async append(receipts) {
        if (receipts.some(({ subject }) => subject === 'p1')) throw new ReceiptConflict()
        return store.append(receipts)
      },
    }
    const rows = ['p0', 'p1', 'p2', 'p3'].map((who) => `${who},analytics,given,2026-04-01,,`)
    const path = file(csv(HEADER, ...rows))
    await importConsents(busy, path, importOptions())
    expect(told(path)).toEqual([
      'written',
      'refused CONSENT_CHANGED_MEANWHILE (line 3)',
      'written',
      'written',
    ])
  })
})
