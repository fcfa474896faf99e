import { generateKeyPairSync, sign } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { approvalStatement, type SignedApproval } from '../../registry/approval-statement.ts'
import { createRegistry, type Registry } from '../../registry/registry.ts'
import type { RegistryStore } from '../../registry/registry-store.ts'
import { tellConsumers } from '../../registry/tell-consumers.ts'

const HEAD = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])
  @link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject", "@dataContract"])
`
const contract =
  '@dataContract(owner: "crm", purpose: ["customer_service"], classification: "personal", retention: "P2Y", freshness: "P1D", consumers: ["support"], disposition: "purge")'
const shopSdl = (fields: string): string => `${HEAD}
type Query { customer(id: ID!): Customer }
type Customer @key(fields: "id") @dataSubject(key: "id") ${contract} {
  id: ID!
  email: String @requiresScope(scope: "crm_contact") ${contract}
  ${fields}
}
`
const change = (sdl: string) => ({
  files: [{ file: 'shop.graphql', text: sdl }],
  remove: [],
  urls: { shop: 'http://127.0.0.1:1/graphql' },
})
const tag = 'prod'
const by = 'shop-ci'
const DAY = 86_400_000

const crm = generateKeyPairSync('ed25519')
const other = generateKeyPairSync('ed25519')

interface Asked extends Omit<SignedApproval, 'signature' | 'tag'> {
  readonly tag?: string
}
const signed = (asked: Asked, key = crm.privateKey): SignedApproval => {
  const approval = { tag, ...asked }
  return {
    ...approval,
    signature: sign(null, Buffer.from(approvalStatement(approval)), key).toString('base64'),
  }
}

/** What a registry promises, whatever engine keeps its books. Each `open` starts with empty books. */
export const registryContract = (engine: string, open: () => Promise<RegistryStore>): unknown =>
  describe(`a registry on ${engine}`, () => {
    let store: RegistryStore
    let registry: Registry
    let now: number

    beforeEach(async () => {
      now = Date.parse('2026-11-22T10:00:00Z')
      store = await open()
      registry = createRegistry({
        store,
        owners: new Map([
          ['crm', crm.publicKey],
          ['other', other.publicKey],
        ]),
        owner: 'privacy',
        deprecationDays: 30,
        clock: () => now,
      })
    })

    const publish = (sdl: string, base?: string) => registry.publish({ tag, by, change: change(sdl), base })
    const refusal = (working: Promise<unknown>): Promise<string> =>
      working.then(
        () => 'done',
        (error: { code: string }) => error.code,
      )
    const versions = async () =>
      (await registry.history(tag)).map(({ sequence, because }) => `${sequence} ${because}`)
    /** A scope that is taken away waits for its owner. */
    const loosened = shopSdl('').replace(' @requiresScope(scope: "crm_contact")', '')
    const asked = async (sdl = loosened) => {
      const published = await publish(sdl)
      const blocking = published.report.findings.filter(({ level }) => level === 'error')
      return { published, approvals: blocking.flatMap(({ approval }) => (approval ? [approval] : [])) }
    }

    test('publishes what composes, names it by its content, and moves the tag', async () => {
      const first = await publish(shopSdl(''))
      expect(first).toMatchObject({ outcome: 'published', tag: { tag, sequence: 1, by } })
      const second = await publish(shopSdl('tier: String'))
      expect(second).toMatchObject({ outcome: 'published', tag: { sequence: 2 } })
      expect(await publish(shopSdl('tier: String'))).toMatchObject({
        outcome: 'unchanged',
        tag: { sequence: 2 },
      })
      const now2 = await registry.tag(tag)
      expect((await registry.version(now2?.version ?? ''))?.supergraph).toContain('tier: String')
      expect(await versions()).toEqual(['2 published', '1 published'])
    })

    test('refuses what does not compose, and keeps nothing of it', async () => {
      await publish(shopSdl(''))
      expect(await refusal(publish('type Query { a: Nothing }'))).toBe('REGISTRY_BLOCKED')
      expect(await refusal(publish('type Query {'))).toBe('REGISTRY_BLOCKED')
      expect(await registry.pending()).toEqual([])
      expect(await versions()).toEqual(['1 published'])
    })

    test('checks the second of two at once against the first, or refuses it when it names another base', async () => {
      const first = await publish(shopSdl(''))
      const base = first.outcome === 'published' ? first.tag.version : ''
      const both = await Promise.all([
        refusal(publish(shopSdl('a: Int'), base)),
        refusal(publish(shopSdl('b: Int'), base)),
      ])
      expect(both.toSorted()).toEqual(['REGISTRY_BASE_MOVED', 'done'])
      expect(await versions()).toEqual(['2 published', '1 published'])
      expect(await refusal(publish(shopSdl('c: Int'), 'f'.repeat(64)))).toBe('REGISTRY_BASE_UNKNOWN')
      const each = ['x', 'y', 'z'].map((name) =>
        registry.publish({
          tag,
          by,
          change: {
            files: [{ file: `${name}.graphql`, text: `${HEAD} type Query { ${name}: Int }` }],
            remove: [],
            urls: {},
          },
        }),
      )
      expect((await Promise.all(each)).map(({ outcome }) => outcome)).toEqual([
        'published',
        'published',
        'published',
      ])
      const newest = await registry.version((await registry.tag(tag))?.version ?? '')
      expect(newest?.files.map(({ file }) => file)).toEqual([
        'shop.graphql',
        'x.graphql',
        'y.graphql',
        'z.graphql',
      ])
    })

    test('parks what weakens consent until its owner has approved this very content', async () => {
      await publish(shopSdl(''))
      const { published, approvals } = await asked()
      expect(published.outcome).toBe('pending')
      expect(approvals.length).toBeGreaterThan(0)
      expect(await versions()).toEqual(['1 published'])
      const until = new Date(now + DAY).toISOString()
      for (const approval of approvals) await registry.approve(signed({ ...approval, until }))
      expect(await versions()).toEqual(['2 approved', '1 published'])
      expect(await registry.pending()).toEqual([])
      const [approval] = approvals
      if (approval !== undefined)
        expect(await refusal(registry.approve(signed({ ...approval, until })))).toBe('APPROVAL_USED')
    })

    test('refuses an approval that is forged, over, of another owner or of another content', async () => {
      await publish(shopSdl(''))
      const [approval = { hash: '', by: '' }] = (await asked()).approvals
      const until = new Date(now + DAY).toISOString()
      const refused = (one: SignedApproval) => refusal(registry.approve(one))
      expect(await refused(signed({ ...approval, until }, other.privateKey))).toBe('APPROVAL_FORGED')
      const good = signed({ ...approval, until })
      expect(await refused({ ...good, until: new Date(now + 9 * DAY).toISOString() })).toBe('APPROVAL_FORGED')
      expect(await refused({ ...good, by: 'nobody' })).toBe('APPROVAL_FORGED')
      expect(await refused(signed({ ...approval, until: new Date(now).toISOString() }))).toBe(
        'APPROVAL_EXPIRED',
      )
      expect(await refused(signed({ ...approval, until: 'for ever' }))).toBe('APPROVAL_EXPIRED')
      expect(await refused(signed({ ...approval, by: 'other', until }, other.privateKey))).toBe(
        'APPROVAL_WRONG_OWNER',
      )
      expect(await refused(signed({ hash: '0'.repeat(64), by: 'crm', until }))).toBe(
        'REGISTRY_NOTHING_PENDING',
      )
      expect(await versions()).toEqual(['1 published'])
    })

    test('takes an approval of one tag for no other, though the change is the same', async () => {
      const on = (place: string, sdl: string) => registry.publish({ tag: place, by, change: change(sdl) })
      for (const place of ['prod', 'sandbox']) await on(place, shopSdl(''))
      await on('prod', loosened)
      const { report } = await on('sandbox', loosened)
      const approvals = report.findings.flatMap(({ level, approval }) =>
        level === 'error' && approval !== undefined ? [approval] : [],
      )
      const until = new Date(now + DAY).toISOString()
      for (const approval of approvals) {
        const forSandbox = signed({ ...approval, until, tag: 'sandbox' })
        expect(await refusal(registry.approve({ ...forSandbox, tag: 'prod' }))).toBe('APPROVAL_FORGED')
        await registry.approve(forSandbox)
      }
      expect(await versions()).toEqual(['1 published'])
      expect((await registry.history('sandbox')).map(({ because }) => because)).toEqual([
        'approved',
        'published',
      ])
      expect((await registry.pending()).map(({ tag: place }) => place)).toEqual(['prod'])
      expect((await on('prod', loosened)).outcome).toBe('pending')
      for (const approval of approvals) await registry.approve(signed({ ...approval, until }))
      expect(await versions()).toEqual(['2 approved', '1 published'])
    })

    test('asks the owner before protected data is asked for elsewhere, also when the graph is the same', async () => {
      await publish(shopSdl(''))
      const to = (url: string, name = 'shop', remove: string[] = []) =>
        registry.publish({
          tag,
          by,
          change: { files: [{ file: `${name}.graphql`, text: shopSdl('') }], remove, urls: { [name]: url } },
        })
      const hashOf = async (asking: ReturnType<typeof to>) => {
        const { outcome, report } = await asking
        const finding = report.findings.find(({ code }) => code === 'PERSONAL_DATA_MOVED')
        expect({ outcome, by: finding?.approval?.by }).toEqual({ outcome: 'pending', by: 'crm' })
        return finding?.approval?.hash ?? ''
      }
      const hash = await hashOf(to('https://one.example/graphql'))
      expect(await hashOf(to('https://one.example/other'))).not.toBe(hash)
      await hashOf(to('https://one.example/graphql', 'store', ['shop.graphql']))
      expect(await versions()).toEqual(['1 published'])
      await registry.approve(signed({ hash, by: 'crm', until: new Date(now + DAY).toISOString() }))
      const { version = '' } = (await registry.tag(tag)) ?? {}
      expect((await registry.version(version))?.urls).toEqual({ shop: 'https://one.example/graphql' })
    })

    test('moves a tag back on purpose with a greater sequence, and tells what two versions differ in', async () => {
      const first = await publish(shopSdl(''))
      const version = first.outcome === 'published' ? first.tag.version : ''
      await publish(shopSdl('tier: String'))
      expect(await registry.move(tag, version, 'ops')).toMatchObject({ sequence: 3, version })
      expect(await versions()).toEqual(['3 moved', '2 published', '1 published'])
      expect(await refusal(registry.move(tag, 'f'.repeat(64), 'ops'))).toBe('REGISTRY_VERSION_UNKNOWN')
      const moved = (await registry.history(tag))[1]?.version ?? ''
      const report = await registry.diff(version, moved)
      expect(report.findings.map(({ coordinate }) => coordinate).join(' ')).toContain('Customer.tier')
      expect(await refusal(registry.diff(version, 'nowhere'))).toBe('REGISTRY_VERSION_UNKNOWN')
    })

    test('moves a tag to no version that loosens what it has, until its owner has approved', async () => {
      const first = await publish(shopSdl(''))
      const good = first.outcome === 'published' ? first.tag.version : ''
      const fresh = await registry.publish({ tag: 'fresh', by, change: change(loosened) })
      const loose = fresh.outcome === 'published' ? fresh.tag.version : ''
      const until = new Date(now + DAY).toISOString()
      const approveAll = async () => {
        const [waiting] = await registry.pending()
        expect(waiting?.tag).toBe(tag)
        for (const { level, approval } of waiting?.report.findings ?? [])
          if (level === 'error' && approval !== undefined)
            await registry.approve(signed({ ...approval, until }))
      }
      expect(await refusal(registry.move(tag, loose, 'ops'))).toBe('REGISTRY_MOVE_WAITS')
      expect((await registry.tag(tag))?.version).toBe(good)
      await approveAll()
      expect(await registry.tag(tag)).toMatchObject({ version: loose, by: 'ops' })
      expect(await registry.move(tag, good, 'ops')).toMatchObject({ version: good, sequence: 3 })
      expect(await refusal(registry.move(tag, loose, 'ops'))).toBe('REGISTRY_MOVE_WAITS')
      expect((await registry.tag(tag))?.version).toBe(good)
      now += 1000
      expect(await versions()).toEqual(['3 moved', '2 approved', '1 published'])
    })

    test('moves a tag on to what breaks clients only as it would be published, and back at once', async () => {
      const first = await publish(shopSdl('tier: String'))
      const good = first.outcome === 'published' ? first.tag.version : ''
      const fresh = await registry.publish({ tag: 'fresh', by, change: change(shopSdl('')) })
      const without = fresh.outcome === 'published' ? fresh.tag.version : ''
      expect(await refusal(registry.move(tag, without, 'ops'))).toBe('REGISTRY_MOVE_WAITS')
      expect((await registry.tag(tag))?.version).toBe(good)
      expect(await registry.move('another', without, 'ops')).toMatchObject({ sequence: 1 })
      await registry.move('another', good, 'ops')
      expect(await registry.move('another', without, 'ops')).toMatchObject({ sequence: 3 })
    })

    test('keeps the window of what is deprecated, as long as a client uses it', async () => {
      await publish(shopSdl('tier: String'))
      await publish(shopSdl('tier: String @deprecated(reason: "ask displayName")'))
      await registry.count(tag, [
        { client: 'storefront', coordinate: 'Customer.tier', count: 3 },
        { client: 'storefront', coordinate: 'Customer.tier', count: 4 },
      ])
      expect(await registry.deprecations(tag)).toMatchObject([
        {
          coordinate: 'Customer.tier',
          reason: 'ask displayName',
          until: '2026-12-22T10:00:00.000Z',
          uses: [{ client: 'storefront', count: 7, last: '2026-11-22' }],
        },
      ])
      const removing = async () => {
        const { published, approvals } = await asked(shopSdl(''))
        const until = new Date(now + DAY).toISOString()
        for (const approval of approvals) await registry.approve(signed({ ...approval, until }))
        return published
      }
      expect(await refusal(removing())).toBe('REGISTRY_WINDOW_OPEN')
      now += 31 * DAY
      expect(await refusal(removing())).toBe('done')
      expect((await registry.history(tag))[0]).toMatchObject({ sequence: 3 })
      expect(await registry.deprecations(tag)).toEqual([])
    })

    test('tells consumers of what concerns them, again until they take it', async () => {
      await publish(shopSdl(''))
      await asked()
      const heard: string[] = []
      let isAway = true
      const consumer = (named: string, owner: string | null) => ({
        name: named,
        owner,
        sender: {
          send: async (event: object) => {
            if (isAway) return { isTaken: false as const, reason: 'UNREACHABLE' as const }
            heard.push(`${named} ${(event as { type: string }).type}`)
            return { isTaken: true as const }
          },
          close: async () => undefined,
        },
      })
      const consumers = [consumer('all', null), consumer('crm', 'crm'), consumer('other', 'other')]
      const tell = () => tellConsumers({ store, consumers, clock: () => now, random: () => 1 })
      await tell()
      isAway = false
      await tell()
      expect(heard).toEqual([])
      now += 1000
      await tell()
      await tell()
      expect(heard.filter((one) => one.startsWith('all'))).toEqual([
        'all registry.published.v1',
        'all registry.pending.v1',
      ])
      expect(heard).toContain('crm registry.pending.v1')
      expect(heard.some((one) => one.startsWith('other'))).toBe(false)
    })
  })
