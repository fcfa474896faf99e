import { describe, expect, it } from 'vitest'
import type { Question } from '../../subgraphs/identity/reidentification/authority.ts'
import {
  createCedarAuthority,
  defaultPolicies,
} from '../../subgraphs/identity/reidentification/cedar-authority.ts'
import { staffRegister } from '../../subgraphs/identity/reidentification/staff.ts'
import { asker, openDesk } from '../support/reidentification-desk.ts'

const question: Question = {
  action: 'redeem',
  person: 'cyd',
  roles: ['requester'],
  purpose: 'legal_request',
  client: 'legal',
  request: { id: '1', requester: 'cyd', approvers: ['dee', 'bo'], fields: ['EMAIL'], ticket: 'AZ-1' },
}

describe('policies of re-identification', () => {
  it('name the one that decided, and say no where none says yes', async () => {
    const authority = await createCedarAuthority(defaultPolicies())
    expect(authority.rule(question)).toEqual({
      isAllowed: true,
      policies: ['requesters-follow-and-redeem-their-own'],
    })
    expect(authority.rule({ ...question, roles: [] })).toEqual({ isAllowed: false, policies: [] })
    expect(authority.rule({ ...question, person: 'dee', roles: ['approver', 'requester'] }).isAllowed).toBe(
      false,
    )
    expect(authority.rule({ ...question, purpose: 'customer_service' }).isAllowed).toBe(false)
    expect(authority.rule({ ...question, action: 'approve', roles: ['approver'] })).toEqual({
      isAllowed: false,
      policies: ['nobody-decides-about-their-own'],
    })
  })

  it('a forbid that cannot be worked out forbids', async () => {
    const authority = await createCedarAuthority(`
      @id("all") permit (principal, action, resource);
      @id("too-many") forbid (principal, action, resource is Assent::Reidentification)
        when { 9223372036854775807 + 1 > 0 };`)
    expect(authority.rule(question)).toEqual({ isAllowed: false, policies: ['too-many'] })
  })

  it('a question that does not fit the words is answered with no', async () => {
    const authority = await createCedarAuthority('permit (principal, action, resource);')
    expect(authority.rule(question)).toEqual({ isAllowed: true, policies: ['policy 1'] })
    expect(authority.rule({ ...question, action: 'erase' as 'redeem' }).isAllowed).toBe(false)
    expect(authority.rule({ ...question, action: 'readTrail' }).isAllowed).toBe(false)
    expect(
      authority.rule({ ...question, fields: 7, client: 7 as unknown as string } as Question).isAllowed,
    ).toBe(false)
  })

  const invalid = {
    'that do not parse': 'permit (principal, action;',
    'with a word that is none': 'permit (principal, action, resource) when { context.purposs == "x" };',
    'about something that is none': 'permit (principal, action == Assent::Action::"erase", resource);',
    'that can never apply':
      'permit (principal, action == Assent::Action::"readTrail", resource is Assent::Reidentification);',
    'that are templates': 'permit (principal == ?principal, action, resource);',
    'that are none': '  // nothing\n',
    'of one name':
      '@id("a") permit (principal, action, resource); @id("a") permit (principal, action, resource);',
  }
  it.each(Object.entries(invalid))('%s are refused at the start', async (_how, text) => {
    await expect(createCedarAuthority(text)).rejects.toMatchObject({
      code: 'REIDENTIFICATION_POLICY_INVALID',
    })
  })

  it('can be replaced: by stricter ones, and by none that let one person do it alone', async () => {
    const strict = await openDesk({
      authority: await createCedarAuthority(`${defaultPolicies()}
        forbid (principal, action == Assent::Action::"request", resource) when { resource.fields.contains("DATE_OF_BIRTH") };`),
    })
    await strict.ask()
    await expect(strict.ask('cyd@desk', { fields: ['DATE_OF_BIRTH'] })).rejects.toMatchObject({
      extensions: { code: 'REIDENTIFICATION_NOT_ALLOWED' },
    })

    const lax = await openDesk({
      authority: await createCedarAuthority('permit (principal, action, resource);'),
    })
    const { id } = await lax.ask()
    const denied = (code: string) => ({ extensions: { code } })
    await expect(lax.desk.approve(asker('cyd@desk'), id)).rejects.toMatchObject(
      denied('APPROVER_NOT_INDEPENDENT'),
    )
    await expect(lax.desk.redeem(asker('cyd@desk'), id)).rejects.toMatchObject(denied('REQUEST_NOT_OPEN'))
    await lax.desk.approve(asker('dee@desk'), id)
    await lax.desk.approve(asker('bo@desk'), id)
    await expect(lax.desk.redeem(asker('dee@desk'), id)).rejects.toMatchObject(
      denied('REIDENTIFICATION_NOT_ALLOWED'),
    )
    expect(lax.opened).toEqual([])
  })

  it('the list of the staff says of each name whose it is, once', () => {
    const member = (person: string, ...names: string[]) => ({ person, names, roles: [] })
    const register = staffRegister([member('cyd', 'Cyd@Desk', 'cyd-by-night'), member('dee', 'dee@desk')])
    expect(register.byName('ＣＹＤ@desk ')?.person).toBe('cyd')
    expect(register.byName('cyd')).toBeNull()
    for (const staff of [
      [member('cyd', 'cyd@desk'), member('dee', 'CYD@desk')],
      [member('cyd', 'a'), member('cyd', 'b')],
    ])
      expect(() => staffRegister(staff)).toThrow(
        expect.objectContaining({ code: 'REIDENTIFICATION_STAFF_INVALID' }),
      )
  })
})
