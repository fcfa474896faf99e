import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LeasedGateway, openLeasedGateway } from '../support/leased-gateway.ts'
import { type MadeUpConsentService, openMadeUpConsentService } from '../support/made-up-consent-service.ts'

/** A device that is always full: every write to it fails with ENOSPC. */
const FULL = '/dev/full'

describe.skipIf(!existsSync(FULL))('A gateway whose decision log is on a disk that is full', () => {
  let service: MadeUpConsentService
  let gateway: LeasedGateway
  beforeAll(async () => {
    service = await openMadeUpConsentService()
    service.decide = (subjects) => ({
      revision: '1',
      now: Date.now(),
      states: subjects.map((subject) => [subject, '1', null, [['crm_contact', 'given', 'receipt-1', null]]]),
    })
    gateway = await openLeasedGateway(service.port, { decisionLogFile: FULL, decisionLogPolicy: 'required' })
  })
  afterAll(async () => {
    await gateway.close()
    await service.close()
  })

  test('answers nothing protected, again and again, and what is open as ever', async () => {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const { data, errors } = await gateway.ask('id email', ['ada'])
      expect(data ?? null).toBeNull()
      expect(errors).toEqual(['DECISION_LOG_UNWRITABLE'])
      expect(await gateway.ask('id', ['ada'])).toMatchObject({
        data: { people: [{ id: 'ada' }] },
        errors: [],
      })
    }
  })
})
